import { DEFAULT_PERCENT, type FeePayer, type FeeRow } from '../world/world-fees.ts';

/** On what terms a fee is charged. */
export type Terms = Pick<FeeRow, 'share' | 'fixedMinor' | 'leastMinor' | 'mostMinor' | 'payer'>;

/** From the beginning of a transaction until it is committed. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** What a percent is in the unit of shares. */
const ONE_PERCENT = 10_000n;
/** Times are cut to milliseconds. */
const SLACK_MS = 5;

/**
 * All terms on which something may have been charged that was decided in this period. A row that was ended may be seen until the change was
 * committed, and a less specific one wherever it is not certain that there was a row for the currency.
 */
export function termsInForce(
  fees: readonly FeeRow[],
  { kind, currency }: { readonly kind: FeeRow['kind']; readonly currency: string },
  { from, to }: Period,
): Terms[] {
  const [begin, end] = [from.getTime() - SLACK_MS, to.getTime() + SLACK_MS];
  const rows = fees.filter((fee) => fee.kind === kind && [currency, null].includes(fee.currency));
  const turns = rows.flatMap(({ validFrom, validTo, setAt, endedAt }) =>
    [validFrom, validTo, setAt, endedAt].flatMap((time) => time?.getTime() ?? []),
  );
  const moments = [begin, ...turns.filter((turn) => turn > begin && turn <= end)];
  return moments.flatMap((moment) => termsAt(rows, { kind, moment }));
}

function termsAt(
  rows: readonly FeeRow[],
  { kind, moment }: { readonly kind: FeeRow['kind']; readonly moment: number },
): Terms[] {
  const possible = rows.filter((row) => isPossible(row, moment));
  const own = possible.filter(({ currency }) => currency !== null);
  const isCertain = (row: FeeRow) => hasBegun(row, moment) && lasts(rows, row, moment);
  if (own.some(isCertain)) return own;
  if (possible.some(isCertain)) return possible;
  return [...possible, defaultTerms(kind)];
}

function isPossible({ validFrom, validTo, endedAt }: FeeRow, moment: number): boolean {
  if (validFrom.getTime() - SLACK_MS > moment) return false;
  return validTo === null || Math.max(validTo.getTime(), endedAt?.getTime() ?? 0) + SLACK_MS >= moment;
}

function hasBegun({ validFrom, setAt }: FeeRow, moment: number): boolean {
  return setAt !== null && Math.max(validFrom.getTime(), setAt.getTime()) + SLACK_MS <= moment;
}

/** Whether a row, or one of those that took its place at once, still went. */
function lasts(rows: readonly FeeRow[], { id, currency, validTo, endedAt }: FeeRow, moment: number): boolean {
  if (validTo === null || Math.max(validTo.getTime(), endedAt?.getTime() ?? 0) - SLACK_MS > moment)
    return true;
  const next = rows.find(
    (row) => row.currency === currency && row.validFrom.getTime() === validTo.getTime() && row.id !== id,
  );
  return next !== undefined && lasts(rows, next, moment);
}

/** What the settings say: a percentage where a gateway takes part, which the wallet pays, and nothing for a transfer. */
export function defaultTerms(kind: FeeRow['kind']): Terms {
  const payer: FeePayer = kind === 'deposit' ? 'recipient' : 'sender';
  const share = kind === 'transfer' ? 0n : BigInt(DEFAULT_PERCENT) * ONE_PERCENT;
  return { share, fixedMinor: 0n, leastMinor: null, mostMinor: null, payer };
}

/** The share of an amount, half a minor unit goes up, and the fixed part, between the bounds. */
export function feeOn(amountMinor: bigint, { share, fixedMinor, leastMinor, mostMinor }: Terms): bigint {
  const whole = 100n * ONE_PERCENT;
  const feeMinor = (2n * amountMinor * share + whole) / (2n * whole) + fixedMinor;
  if (leastMinor !== null && feeMinor < leastMinor) return leastMinor;
  return mostMinor !== null && feeMinor > mostMinor ? mostMinor : feeMinor;
}
