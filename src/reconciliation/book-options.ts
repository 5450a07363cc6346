import type { AxiosGatewayBookOptions } from '../gateway/axios-gateway-book.ts';
import type { Config } from '../shared/config.ts';

/** Where and how the gateway's book is read. */
export function bookOptions(config: Config): AxiosGatewayBookOptions {
  return {
    url: config.GATEWAY_BOOK_URL ?? `${config.PAYMENT_GATEWAY_URL}/book/export`,
    timeoutMs: config.RECONCILIATION_TIMEOUT_SECONDS,
    maxLines: config.RECONCILIATION_MAX_LINES,
  };
}
