import { type FeeTerms, NO_FEE } from '../money/fee.ts';
import { type Percent, parsePercent } from '../money/percent.ts';

/** Percentages that a row may have, as text: from 0 to below 100, with at most four decimals. */
export const FEE_PERCENT_PATTERN = '^(?:0|[1-9][0-9]?)(?:\\.[0-9]{1,4})?$';
const percentText = new RegExp(FEE_PERCENT_PATTERN);

export const FEE_PERCENT_RULE =
  'must be a percentage from 0 to below 100 with at most 4 decimals, such as 2 or 1.75';

export function parseFeePercent(text: string): Percent | undefined {
  return percentText.test(text) ? parsePercent(text) : undefined;
}

/** What somebody who sets a fee says of it; amounts in minor units of the currency. */
export interface GivenTerms {
  readonly currency?: string | undefined;
  readonly percent?: Percent | undefined;
  readonly fixed?: bigint | undefined;
  readonly least?: bigint | undefined;
  readonly most?: bigint | undefined;
}

/** The members that are amounts, which only a fee in one currency has. */
export const FEE_AMOUNTS = ['fixed', 'least', 'most'] as const;

/** What does not go together, by the name of the member that is wrong. Pure. */
export function explainTerms(given: GivenTerms): { readonly field: string; readonly message: string }[] {
  const errors: { field: string; message: string }[] = [];
  const { currency, percent, fixed, least, most } = given;
  if (percent === undefined && fixed === undefined)
    errors.push({ field: 'percent', message: 'is required, or fixed instead' });
  for (const field of FEE_AMOUNTS)
    if (given[field] !== undefined && currency === undefined)
      errors.push({
        field,
        message: 'must be left out where no currency is named: an amount is in one currency',
      });
  if (least !== undefined && most !== undefined && most < least)
    errors.push({ field: 'most', message: 'must not be less than least' });
  return errors;
}

export function toTerms({ percent, fixed, least, most }: GivenTerms): FeeTerms {
  return {
    percent: percent ?? NO_FEE.percent,
    fixedMinor: fixed ?? 0n,
    leastMinor: least ?? null,
    mostMinor: most ?? null,
  };
}
