import type { AxiosGatewayBookOptions } from '../gateway/http/axios-gateway-book.ts';
import { readBookAccess } from '../gateway/port/gateway-access.ts';
import type { Config } from '../process/settings/config.ts';

/**
 * Where and how to read the gateway's book.
 * @throws ConfigError if the gateway's settings contradict each other.
 */
export function bookOptions(config: Config): AxiosGatewayBookOptions {
  const { baseUrl, query, headers, tls } = readBookAccess(config);
  return {
    url: `${baseUrl}${query}`,
    headers,
    tls,
    timeoutMs: config.reconciliation.timeoutMs,
    maxLines: config.reconciliation.maxLines,
  };
}
