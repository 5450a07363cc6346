import { type Config, parseConfig } from '../shared/config.ts';
import { isLoopbackHost } from '../shared/loopback.ts';

/** Where the parts of a local stack are reached from this machine. */
export interface StackAddresses {
  readonly api: string;
  /** Where operators are answered: a listener of their own, or the API's. */
  readonly operators: string;
  readonly worker: string;
  readonly gatewayMock: string;
  /** The gateway that payments go to, as PAYMENT_GATEWAY_URL names it. */
  readonly gateway: string;
  /** Payments go to the stand-in of this stack, however its address was written. */
  readonly usesStandIn: boolean;
}

/** Decides where everything is. A mock that was moved to another port is still the gateway, unless another one was named. Pure. */
export function decideAddresses(config: Config): StackAddresses {
  const gatewayMock = addressOf(config.GATEWAY_MOCK_HOST, config.GATEWAY_MOCK_PORT);
  const isNamed = config.PAYMENT_GATEWAY_URL !== parseConfig({}).PAYMENT_GATEWAY_URL;
  const gateway = isNamed ? config.PAYMENT_GATEWAY_URL : `${gatewayMock}/mock-gateway`;
  return {
    api: addressOf(config.API_HOST, config.API_PORT),
    operators:
      config.OPERATOR_PORT === undefined
        ? addressOf(config.API_HOST, config.API_PORT)
        : addressOf(config.OPERATOR_HOST, config.OPERATOR_PORT),
    worker: addressOf(config.WORKER_METRICS_HOST, config.WORKER_METRICS_PORT),
    gatewayMock,
    gateway,
    usesStandIn: isSamePlace(new URL(gateway), new URL(gatewayMock)),
  };
}

/** Where a process that listens on `host` is reached from this machine. */
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
