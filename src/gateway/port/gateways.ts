import { readFileSync } from 'node:fs';
import { type Config, ConfigError } from '../../process/settings/config.ts';
import { type DescribedGateway, parseGateways } from '../../process/settings/parse-gateways.ts';
import { DEFAULT_GATEWAY } from './default-gateway.ts';

/** A gateway that payments are or were sent to. */
export interface NamedGateway {
  readonly name: string;
  /** As payments record it: null for the gateway of PAYMENT_GATEWAY_URL. */
  readonly gatewayName: string | null;
  /** The currencies whose new payments it gets; null for the gateway that gets all others. */
  readonly currencies: readonly string[] | null;
  /** The address that it had before, if it has moved. */
  readonly movedFrom: string | null;
  /** All settings, with those of this gateway as `gateway`. */
  readonly config: Config;
}

/**
 * The gateway of PAYMENT_GATEWAY_URL, and after it those of GATEWAYS_FILE. What the file does not say of a gateway is as it is for the first
 * one, except that credentials never go to a host that they were not given for, and that each gateway signs its callbacks with a secret of
 * its own.
 * @throws ConfigError naming the gateway and the setting if the file cannot be used.
 */
export function readGateways(config: Config): readonly NamedGateway[] {
  const first: NamedGateway = {
    name: DEFAULT_GATEWAY,
    gatewayName: null,
    currencies: null,
    movedFrom: null,
    config,
  };
  const { file } = config.gateways;
  if (file === undefined) return [first];
  const parsed = parseGateways(readText(file), { reservedName: DEFAULT_GATEWAY });
  if ('problems' in parsed) throw new ConfigError(`GATEWAYS_FILE: ${parsed.problems.join('; ')}`);
  return [
    first,
    ...parsed.gateways.map(
      ({ name, currencies, movedFrom, settings }): NamedGateway => ({
        name,
        gatewayName: name,
        currencies,
        movedFrom,
        config: { ...config, gateway: completed(config.gateway, settings) },
      }),
    ),
  ];
}

/**
 * Reads something from the settings of one gateway.
 * @throws ConfigError that names the gateway, where `read` throws one.
 */
export function ofGatewaySettings<Read>(
  { name, gatewayName, config }: NamedGateway,
  read: (config: Config) => Read,
): Read {
  try {
    return read(config);
  } catch (error) {
    if (gatewayName === null || !(error instanceof ConfigError)) throw error;
    throw new ConfigError(`GATEWAYS_FILE, gateway ${name}: ${error.message}`, { cause: error });
  }
}

/** Chooses the gateway of new payments by their currency; null: the one without a name. */
export function chooseByCurrency(
  gateways: readonly NamedGateway[],
): (payment: { readonly currency: string }) => string | null {
  const byCurrency = new Map(
    gateways.flatMap(({ gatewayName, currencies }) =>
      (currencies ?? []).map((currency) => [currency, gatewayName]),
    ),
  );
  return ({ currency }) => byCurrency.get(currency) ?? null;
}

type GatewaySettings = Config['gateway'];

/** The settings that prove who we are to a host, or whom we believe it is. */
const CREDENTIALS = [
  'authorization',
  'headers',
  'clientCertFile',
  'clientKeyFile',
  'clientKeyPassphrase',
  'caFile',
] as const satisfies readonly (keyof GatewaySettings)[];

function completed(first: GatewaySettings, own: DescribedGateway['settings']): GatewaySettings {
  const { callbackSecrets: _, ...shared } = first;
  const url = new URL(own.url ?? first.url);
  const isSameHost = url.origin === new URL(first.url).origin;
  const withheld = isSameHost
    ? {}
    : { ...Object.fromEntries(CREDENTIALS.map((field) => [field, undefined])), headers: {} };
  // The book that is set for one address is not that of another.
  const book = own.url === undefined ? {} : { bookUrl: undefined };
  const settings = { ...shared, callbackSecrets: undefined, ...withheld, ...book, ...own };
  // Of two ways to say who we are, the one that was given for this gateway counts.
  if (own.authorization !== undefined)
    return own.url === undefined ? { ...settings, url: withUserOf(url, undefined) } : settings;
  if (own.url !== undefined && url.username !== '') return { ...settings, authorization: undefined };
  return isSameHost ? { ...settings, url: withUserOf(url, new URL(first.url)) } : settings;
}

function withUserOf(url: URL, other: URL | undefined): string {
  const changed = new URL(url);
  changed.username = other?.username ?? '';
  changed.password = other?.password ?? '';
  return changed.href;
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not UTF-8' : `cannot be read (${code})`;
    throw new ConfigError(`GATEWAYS_FILE ${why}`, { cause: error });
  }
}
