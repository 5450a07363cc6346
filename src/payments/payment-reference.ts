import { randomBytes } from 'node:crypto';

/**
 * Our reference for a payment at the gateway, which is also the idempotency key of every call for it: `42-9f1c3a5b7d20`. The random part
 * keeps two databases (a restored backup, a fresh test system) from using the same key.
 */
export function createPaymentReference(paymentId: bigint): string {
  return `${paymentId}-${randomBytes(6).toString('hex')}`;
}

/**
 * The id of the payment that a reference was made for; undefined if it does not have our format. A payment that was redriven under the same
 * reference has a different id.
 */
export function paymentIdOfReference(reference: string): bigint | undefined {
  const id = /^([1-9]\d{0,17})-/.exec(reference)?.[1];
  return id === undefined ? undefined : BigInt(id);
}
