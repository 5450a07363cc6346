import type { Unchargeable } from '../../fees/charge-fee.ts';
import { formatAmount, MAX_AMOUNT_MINOR } from '../../money/decimal-amount.ts';
import { Problem } from './problem.ts';

/** The problem with an amount that leaves nothing, or becomes too much, with its fee. */
export function unchargeable(
  refusal: Unchargeable,
  { field, currency }: { readonly field: string; readonly currency: string },
): Problem {
  const money = (amountMinor: bigint) => `${formatAmount(amountMinor, currency)} ${currency}`;
  const { feeMinor } = refusal;
  const message =
    refusal.kind === 'fee_exceeds_amount'
      ? `must be ${refusal.leastLeftMinor > 0n ? 'more than' : 'at least'} the fee of ${money(feeMinor)}, which is taken out of it`
      : `must come to at most ${money(MAX_AMOUNT_MINOR)} with the fee of ${money(feeMinor)} on top`;
  return new Problem('validation-failed', {
    detail: `${field} ${message}. Nothing was done.`,
    errors: [{ field, message }],
  });
}
