import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type Config, parseConfig } from '../shared/config.ts';
import type { Part } from './supervisor.ts';

/** The processes of the stack, in the order of starting; what the stand-in gateway keeps goes into `dataFolder`. */
export function listParts(
  config: Config,
  { databaseUrl, dataFolder }: { readonly databaseUrl: string; readonly dataFolder: string },
): Part[] {
  const gatewayMock = addressOf(config.GATEWAY_MOCK_HOST, config.GATEWAY_MOCK_PORT);
  // A mock that was moved to another port is still the gateway, unless another gateway was named.
  const isGatewayNamed = config.PAYMENT_GATEWAY_URL !== parseConfig({}).PAYMENT_GATEWAY_URL;
  const gatewayUrl = isGatewayNamed ? config.PAYMENT_GATEWAY_URL : `${gatewayMock}/mock-gateway`;
  const api = addressOf(config.API_HOST, config.API_PORT);
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    PAYMENT_GATEWAY_URL: gatewayUrl,
    GATEWAY_MOCK_BOOK_FILE: config.GATEWAY_MOCK_BOOK_FILE ?? bookFile(config, dataFolder),
    ...(isGatewayNamed ? {} : callbackSettings(config, api)),
  };
  const part = (name: string, readyUrl: string): Part => ({
    name,
    script: path.join(import.meta.dirname, '..', name, 'main.ts'),
    env,
    readyUrl,
  });
  return [
    part('gateway-mock', `${gatewayMock}/mock-gateway/health`),
    part('api', `${api}/api/v1/health/ready`),
    part('worker', `${addressOf(config.WORKER_METRICS_HOST, config.WORKER_METRICS_PORT)}/health/ready`),
  ];
}

/** The mock tells the API what became of payments, signed with a secret that only this stack knows, unless one was given. */
function callbackSettings(config: Config, api: string): Record<string, string> {
  return {
    ...(config.GATEWAY_CALLBACK_SECRET ? {} : { GATEWAY_CALLBACK_SECRET: randomBytes(24).toString('hex') }),
    ...(config.GATEWAY_MOCK_CALLBACK_URL
      ? {}
      : { GATEWAY_MOCK_CALLBACK_URL: `${api}/api/v1/gateway/callbacks` }),
  };
}

/**
 * The mock's book belongs to the payments of one database: kept beside the embedded one, and under the name of any other, so
 * that comparing the books never finds the payments of another database.
 */
function bookFile({ DATABASE_URL }: Config, dataFolder: string): string {
  if (!DATABASE_URL) return path.resolve(dataFolder, 'gateway-mock', 'book.jsonl');
  const { host, pathname } = new URL(DATABASE_URL);
  const name = `${host}${pathname}`.replaceAll(/[^\w.-]+/g, '_');
  return path.resolve(dataFolder, 'gateway-mock', name, 'book.jsonl');
}

/** Where a process that listens on `host` is reached from this machine. */
function addressOf(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
