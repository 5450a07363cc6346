import type { Fee, FeeKind, FeePayer } from './fee.ts';
import { toTerms } from './fee-columns.sql.ts';

/** Amounts are texts, because JSON numbers would not keep them exactly. */
type PackedFee = readonly [
  kind: FeeKind,
  currency: string | null,
  payer: FeePayer,
  percent: string,
  fixed: string,
  least: string | null,
  most: string | null,
];

export interface ValidFeesRow {
  readonly fees: readonly PackedFee[] | null;
}

/**
 * The rows of the schedule that are valid when the statement begins, as the column `fees` of what a batch reads anyway: a fee that was
 * changed before is never used, and to read it costs no statement. Only the first row has them. They are read by the index of ends, so rows
 * that are no longer valid cost nothing.
 * @param position the column with the position of a row, which begins at 1.
 */
export function validFees(position: string): string {
  return `
    case when ${position} = 1 then (
      select json_agg(json_build_array(
               kind, currency, payer, trim_scale(percent)::text, fixed_amount::text, least_amount::text, most_amount::text
             ))
      from fee_schedule
      where valid_to > statement_timestamp() and valid_from <= statement_timestamp()
    ) end as fees`;
}

/** The fees in the rows of a batch. */
export function toValidFees(rows: readonly ValidFeesRow[]): Fee[] {
  return (rows[0]?.fees ?? []).map(([kind, currency, payer, percent, fixed, least, most]) => ({
    kind,
    currency,
    payer,
    terms: toTerms({
      percent,
      fixedMinor: BigInt(fixed),
      leastMinor: least === null ? null : BigInt(least),
      mostMinor: most === null ? null : BigInt(most),
    }),
  }));
}
