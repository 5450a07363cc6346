import { randomUUID } from 'node:crypto';

export interface PaymentMix {
  /** Users with the ids from 1; each request takes one at random. */
  readonly userCount: number;
  readonly port: number;
}

export type PaymentType = 'deposit' | 'withdraw';

/** Amounts differ, so that bodies differ, too; at most 5.00. */
const AMOUNT_COUNT = 500;

/**
 * Returns the text of one request after another, deposits and withdrawals in turn, each with its own key. It is built by hand
 * because an object of headers for each request would cost more than sending it.
 */
export function createRequestSource({ userCount, port }: PaymentMix) {
  let count = 0;
  const heads = {
    deposit: headOf('/api/v1/payments/deposit', port),
    withdraw: headOf('/api/v1/payments/withdraw', port),
  };

  return function next(): { readonly type: PaymentType; readonly text: string } {
    count += 1;
    const type = count % 2 === 0 ? 'deposit' : 'withdraw';
    const userId = 1 + Math.floor(Math.random() * userCount);
    const amount = (1 + (count % AMOUNT_COUNT)) / 100;
    const field = type === 'deposit' ? 'deposit' : 'amount';
    const body = `{"user_id":${userId},"${field}":${amount}}`;
    return { type, text: requestText(heads[type], body) };
  };
}

/** The text of a request with a JSON body and a key of its own. */
export function requestText(head: string, body: string): string {
  return `${head}Idempotency-Key: ${randomUUID()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

export function headOf(path: string, port: number): string {
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n`;
}
