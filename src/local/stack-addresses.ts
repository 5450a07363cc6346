import { isLoopbackHost } from '../http/loopback.ts';
import { type Config, parseConfig } from '../process/settings/config.ts';

/** The URLs of a local stack's parts, as seen from this machine. */
export interface StackAddresses {
  readonly api: string;
  /** Where operators are served: on their own listener, or on the API's. */
  readonly operators: string;
  readonly worker: string;
  readonly gatewayMock: string;
  /** The gateway that payments go to, from PAYMENT_GATEWAY_URL. */
  readonly gateway: string;
  /** Whether payments go to this stack's stand-in, however its URL is spelled. */
  readonly usesStandIn: boolean;
}

/** Decides where everything is. A mock on another port is still the gateway, unless PAYMENT_GATEWAY_URL names a different one. Pure. */
export function decideAddresses(config: Config): StackAddresses {
  const gatewayMock = addressOf(config.gatewayMock.host, config.gatewayMock.port);
  const isNamed = config.gateway.url !== parseConfig({}).gateway.url;
  const gateway = isNamed ? config.gateway.url : `${gatewayMock}/mock-gateway`;
  return {
    api: addressOf(config.api.host, config.api.port),
    operators:
      config.operators.port === undefined
        ? addressOf(config.api.host, config.api.port)
        : addressOf(config.operators.host, config.operators.port),
    worker: addressOf(config.worker.metricsHost, config.worker.metricsPort),
    gatewayMock,
    gateway,
    usesStandIn: isSamePlace(new URL(gateway), new URL(gatewayMock)),
  };
}

/** The URL, from this machine, of a process that listens on `host`. */
export function addressOf(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function isSamePlace(one: URL, other: URL): boolean {
  const portOf = ({ port, protocol }: URL) => port || (protocol === 'https:' ? '443' : '80');
  const isSameHost =
    one.hostname === other.hostname || (isLoopbackHost(one.hostname) && isLoopbackHost(other.hostname));
  return isSameHost && portOf(one) === portOf(other) && one.protocol === other.protocol;
}
