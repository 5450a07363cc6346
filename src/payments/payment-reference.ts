import { randomBytes } from 'node:crypto';

/**
 * Our reference of a payment at the gateway, which is also the idempotency key of every call for it: `42-9f1c3a5b7d20`.
 * The random part keeps two databases (a restored backup, a fresh test system) from meeting under one key.
 */
export function createPaymentReference(paymentId: bigint): string {
  return `${paymentId}-${randomBytes(6).toString('hex')}`;
}
