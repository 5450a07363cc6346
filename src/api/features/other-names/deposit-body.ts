import { z } from 'zod';
import { amountField } from '../../describe/amount-field.ts';
import { bodyByCurrency, currencyField } from '../../describe/currency-field.ts';

/** The body of a deposit, which names the amount in one of two ways. */
export function depositBody({ fallback }: { readonly fallback: string }) {
  const currency = currencyField({ fallback });
  return bodyByCurrency({
    fallback,
    build: (named) => {
      const amount = amountField({ currency: named, least: 1n }).optional();
      return z
        .strictObject({ amount, deposit: amount, currency })
        .superRefine((body, context) => {
          const isOne = (body.amount === undefined) !== (body.deposit === undefined);
          if (isOne) return;
          const [path, message] =
            body.amount === undefined
              ? ['amount', 'is required, or deposit instead']
              : ['deposit', 'must not be given beside amount'];
          context.addIssue({ code: 'custom', path: [path], message });
        })
        .meta({ oneOf: [{ required: ['amount'] }, { required: ['deposit'] }] });
    },
  });
}

/** The amount of a body that was checked, in minor units, and what the client called it. */
export function depositedAmount({
  amount,
  deposit,
}: {
  readonly amount?: bigint | undefined;
  readonly deposit?: bigint | undefined;
}): { readonly amountMinor: bigint; readonly amountField: 'amount' | 'deposit' } {
  if (amount !== undefined) return { amountMinor: amount, amountField: 'amount' };
  if (deposit === undefined) throw new Error('a deposit without an amount was let through');
  return { amountMinor: deposit, amountField: 'deposit' };
}
