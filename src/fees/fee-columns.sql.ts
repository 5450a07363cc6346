import { strict as assert } from 'node:assert';
import type { FeeTerms } from '../money/fee.ts';
import { parsePercent } from '../money/percent.ts';
import type { ScheduledFee } from './fee.ts';

/** The terms of a fee as they are read. */
interface TermColumns {
  readonly percent: string;
  readonly fixedMinor: bigint;
  readonly leastMinor: bigint | null;
  readonly mostMinor: bigint | null;
}

/** A row of the schedule as it is read. */
export interface FeeRow extends Omit<ScheduledFee, 'terms'>, TermColumns {}

/** The columns of a row of `fee_schedule`, for `toFee`. */
export const FEE_COLUMNS = `
  id, kind, currency, payer, trim_scale(percent)::text as percent, fixed_amount as "fixedMinor", least_amount as "leastMinor",
  most_amount as "mostMinor", valid_from as "validFrom", nullif(valid_to, 'infinity') as "validTo", created_at as "createdAt",
  created_by as "createdBy", reason`;

export function toFee({ percent, fixedMinor, leastMinor, mostMinor, ...row }: FeeRow): ScheduledFee {
  return { ...row, terms: toTerms({ percent, fixedMinor, leastMinor, mostMinor }) };
}

export function toTerms({ percent, ...amounts }: TermColumns): FeeTerms {
  const share = parsePercent(percent);
  // The column's type and check allow nothing else; nobody may be charged nothing because of it.
  assert(share, `a fee has a percentage of ${percent}`);
  return { percent: share, ...amounts };
}
