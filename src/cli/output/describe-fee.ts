import type { Fee, ScheduledFee } from '../../fees/fee.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import { formatPercent } from '../../money/percent.ts';
import type { Cell } from './render-table.ts';

export const FEE_COLUMN_NAMES = ['id', 'kind', 'currency', 'fee', 'payer', 'from', 'to'];

export function feeCells(fee: ScheduledFee | Fee): Cell[] {
  const { kind, currency, payer } = fee;
  const row = 'id' in fee ? fee : null;
  const id = row ? `${row.id}` : 'default';
  return [id, kind, currency ?? 'any', describeFee(fee), payer, row?.validFrom, row?.validTo];
}

/** For example `1.5 % + 0.3, at least 0.5`. */
export function describeFee({ currency, terms }: Fee): string {
  const { percent, fixedMinor, leastMinor, mostMinor } = terms;
  const share = `${formatPercent(percent)} %`;
  // Only a fee in one currency has amounts.
  if (currency === null) return share;
  const amount = (amountMinor: bigint) => formatAmount(amountMinor, currency);
  return [
    fixedMinor === 0n ? share : `${share} + ${amount(fixedMinor)}`,
    leastMinor !== null && `at least ${amount(leastMinor)}`,
    mostMinor !== null && `at most ${amount(mostMinor)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** For programs: the terms beside the rest, and the percentage as text. */
export function feeJson({ terms, ...fee }: ScheduledFee | Fee) {
  const { percent, ...amounts } = terms;
  const source = 'id' in fee ? 'schedule' : 'default';
  return { id: null, ...fee, source, percent: formatPercent(percent), ...amounts };
}
