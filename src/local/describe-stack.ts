import { describeDatabase } from '../database/sessions/database-address.ts';
import type { Config } from '../process/settings/config.ts';
import type { RunningStack } from './running-stack.ts';
import { decideAddresses } from './stack-addresses.ts';

/** What another process needs to know about this stack. Pure except for the pid and the time. */
export function describeStack(
  config: Config,
  { databaseUrl, isEmbedded }: { readonly databaseUrl: string; readonly isEmbedded: boolean },
): RunningStack {
  const { api, worker, gatewayMock, gateway } = decideAddresses(config);
  return {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    api,
    worker,
    gatewayMock,
    database: describeDatabase(databaseUrl),
    isDatabaseEmbedded: isEmbedded,
    settings: {
      API_HOST: config.api.host,
      API_PORT: String(config.api.port),
      WORKER_METRICS_HOST: config.worker.metricsHost,
      WORKER_METRICS_PORT: String(config.worker.metricsPort),
      GATEWAY_MOCK_HOST: config.gatewayMock.host,
      GATEWAY_MOCK_PORT: String(config.gatewayMock.port),
      ...(isOpen(gateway) ? { PAYMENT_GATEWAY_URL: gateway } : {}),
      ...(config.gateway.bookUrl && isOpen(config.gateway.bookUrl)
        ? { GATEWAY_BOOK_URL: config.gateway.bookUrl }
        : {}),
    },
  };
}

/** A URL may contain a password, or a key in its query; such a URL is not written to the file. */
function isOpen(address: string): boolean {
  const { username, password, search } = new URL(address);
  return username === '' && password === '' && search === '';
}
