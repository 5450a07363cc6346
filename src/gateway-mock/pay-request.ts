import { z } from 'zod';
import { isKnownCurrency } from '../money/currency.ts';
import { parseAmount } from '../money/decimal-amount.ts';

const id = z.union([z.number().int().positive(), z.string().regex(/^\d{1,19}$/)]).transform(String);
const amount = z.union([z.number(), z.string()]).transform(String);

/** The body of `POST /pay`: ids and decimal amounts, as numbers or text. */
export const payRequestSchema = z
  .object({
    payment_id: id,
    user_id: id,
    amount,
    commission: amount,
    type: z.enum(['deposit', 'withdraw']),
    refund_of: z.string().min(1).optional(),
    currency: z.string().refine(isKnownCurrency, 'must be an ISO 4217 currency code').default('USD'),
  })
  .transform((body, context) => {
    const minor = (field: 'amount' | 'commission', least: bigint): bigint => {
      const parsed = parseAmount(body[field], body.currency);
      if (parsed.kind === 'amount' && parsed.amountMinor >= least) return parsed.amountMinor;
      context.addIssue({
        code: 'custom',
        path: [field],
        message: 'must be a decimal amount with no more decimals than its currency has',
      });
      return z.NEVER;
    };
    return {
      paymentId: body.payment_id,
      userId: body.user_id,
      type: body.type,
      refundOf: body.refund_of ?? null,
      currency: body.currency,
      amountMinor: minor('amount', 1n),
      feeMinor: minor('commission', 0n),
    };
  });

export type PayRequest = z.infer<typeof payRequestSchema>;
