import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type Config, ConfigError } from '../../process/settings/config.ts';

/** The client certificate that we show, and the certificates that we accept from the gateway. */
export interface GatewayTls {
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly passphrase?: string;
  readonly ca?: Buffer;
}

/** Where a gateway is and how we authenticate. Only `baseUrl` may be logged. */
export interface GatewayAccess {
  /** Without user, password and query, and without a trailing slash. */
  readonly baseUrl: string;
  /** The query of every URL, for example `?key=abc`, or empty. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: GatewayTls;
}

type GatewaySettings = Pick<Config, 'service' | 'gateway'>;

/**
 * How to call the gateway, from all settings about it.
 * @throws ConfigError, with the settings to change, if they contradict each other or a file cannot be used.
 */
export function readGatewayAccess(settings: GatewaySettings): GatewayAccess {
  return readAccess(settings, 'PAYMENT_GATEWAY_URL', settings.gateway.url);
}

/**
 * How to read the gateway's book. If it is on another host than the gateway, only the credentials in its own URL are sent.
 * @throws ConfigError like readGatewayAccess.
 */
export function readBookAccess(settings: GatewaySettings): GatewayAccess {
  const access = readGatewayAccess(settings);
  const { bookUrl } = settings.gateway;
  if (bookUrl === undefined) return { ...access, baseUrl: `${access.baseUrl}/book/export` };
  const isSameHost = new URL(bookUrl).origin === new URL(access.baseUrl).origin;
  const { authorization, ...headers } = isSameHost ? access.headers : {};
  const { username } = new URL(bookUrl);
  const shown = { ...settings.gateway, authorization: username === '' ? authorization : undefined, headers };
  return readAccess({ ...settings, gateway: shown }, 'GATEWAY_BOOK_URL', bookUrl);
}

function readAccess(
  { service, gateway }: GatewaySettings,
  name: 'PAYMENT_GATEWAY_URL' | 'GATEWAY_BOOK_URL',
  address: string,
): GatewayAccess {
  const url = new URL(address);
  if (service.environment === 'production' && url.protocol !== 'https:' && !gateway.isHttpAllowed)
    throw new ConfigError(
      `${name} must be a URL that begins with https:// if APP_ENV is production. To call a gateway without TLS, set GATEWAY_ALLOW_HTTP=true`,
    );
  const tls = readTls(gateway);
  if (url.protocol !== 'https:' && Object.keys(tls).length > 0)
    throw new ConfigError(
      `${name} must begin with https:// if GATEWAY_CLIENT_CERT_FILE or GATEWAY_CA_FILE is set: without TLS, certificates have no effect`,
    );
  const authorization = readAuthorization(gateway, name, url);
  return {
    baseUrl: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    query: url.search,
    headers: { ...gateway.headers, ...(authorization === undefined ? {} : { authorization }) },
    tls,
  };
}

/** A user and password in a URL mean HTTP basic authentication (RFC 7617). */
function readAuthorization(
  { authorization }: GatewaySettings['gateway'],
  name: string,
  { username, password }: URL,
): string | undefined {
  if (username === '' && password === '') return authorization;
  if (authorization !== undefined)
    throw new ConfigError(
      `${name} contains a user, but GATEWAY_AUTHORIZATION is set too: only one of them can be sent`,
    );
  const decode = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw new ConfigError(`${name} contains a user or password that is not percent-encoded`);
    }
  };
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`;
}

function readTls(gateway: GatewaySettings['gateway']): GatewayTls {
  const {
    clientCertFile: certFile,
    clientKeyFile: keyFile,
    clientKeyPassphrase: passphrase,
    caFile,
  } = gateway;
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new ConfigError(
      'GATEWAY_CLIENT_CERT_FILE and GATEWAY_CLIENT_KEY_FILE belong together: set both or neither',
    );
  const tls = {
    ...(certFile === undefined ? {} : { cert: readPem('GATEWAY_CLIENT_CERT_FILE', certFile) }),
    ...(keyFile === undefined ? {} : { key: readPem('GATEWAY_CLIENT_KEY_FILE', keyFile) }),
    ...(passphrase === undefined || keyFile === undefined ? {} : { passphrase }),
    ...(caFile === undefined ? {} : { ca: readPem('GATEWAY_CA_FILE', caFile) }),
  };
  checkTls(tls);
  return tls;
}

function readPem(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(`${name} cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
}

/** Check this now: a key that does not match its certificate would otherwise show only with the first payment. */
function checkTls({ ca, ...own }: GatewayTls): void {
  try {
    createSecureContext(own);
  } catch (error) {
    throw new ConfigError(
      `GATEWAY_CLIENT_CERT_FILE, GATEWAY_CLIENT_KEY_FILE and GATEWAY_CLIENT_KEY_PASSPHRASE do not match: ${(error as Error).message}`,
      { cause: error },
    );
  }
  if (ca === undefined) return;
  if (!ca.includes('-----BEGIN CERTIFICATE-----'))
    throw new ConfigError('GATEWAY_CA_FILE must contain certificates in PEM format');
  try {
    createSecureContext({ ca });
  } catch (error) {
    throw new ConfigError(`GATEWAY_CA_FILE cannot be used: ${(error as Error).message}`, { cause: error });
  }
}
