import { z } from 'zod';

/** A place in a list of payments as an opaque text: the id of the last payment of a page. */
export function encodeCursor(paymentId: bigint): string {
  return Buffer.from(`p${paymentId}`).toString('base64url');
}

export const cursorField = z
  .string()
  .max(64, 'is not a cursor of this list')
  .transform((text, context) => {
    const match = /^p([1-9]\d{0,15})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
    if (match?.[1]) return BigInt(match[1]);
    context.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
    return z.NEVER;
  })
  .meta({ override: { type: 'string' } });
