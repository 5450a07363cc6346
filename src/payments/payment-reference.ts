import { randomBytes } from 'node:crypto';

const RANDOM_BYTES = 6;
/** To ask the system for each payment's bytes costs as much as to decide about the payment. */
const PAYMENTS_PER_DRAW = 512;
let drawn = Buffer.alloc(0);
let used = 0;

function drawRandomPart(): string {
  if (used === drawn.length) {
    drawn = randomBytes(RANDOM_BYTES * PAYMENTS_PER_DRAW);
    used = 0;
  }
  used += RANDOM_BYTES;
  return drawn.toString('hex', used - RANDOM_BYTES, used);
}

/**
 * Our reference for a payment at the gateway, which is also the idempotency key of every call for it: `42-9f1c3a5b7d20`. The random part
 * keeps two databases (a restored backup, a fresh test system) from using the same key.
 */
export function createPaymentReference(paymentId: bigint): string {
  return `${paymentId}-${drawRandomPart()}`;
}

/**
 * The id of the payment that a reference was made for; undefined if it does not have our format. A payment that was redriven under the same
 * reference has a different id.
 */
export function paymentIdOfReference(reference: string): bigint | undefined {
  const id = /^([1-9]\d{0,17})-/.exec(reference)?.[1];
  return id === undefined ? undefined : BigInt(id);
}
