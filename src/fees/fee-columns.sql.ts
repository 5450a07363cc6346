import { strict as assert } from 'node:assert';
import { parsePercent } from '../money/percent.ts';
import type { ScheduledFee } from './fee.ts';

/** A row of the schedule as it is read. */
export interface FeeRow extends Omit<ScheduledFee, 'terms'> {
  readonly percent: string;
  readonly fixedMinor: bigint;
  readonly leastMinor: bigint | null;
  readonly mostMinor: bigint | null;
}

/** The columns of a row of `fee_schedule`, for `toFee`. */
export const FEE_COLUMNS = `
  id, kind, currency, payer, trim_scale(percent)::text as percent, fixed_amount as "fixedMinor", least_amount as "leastMinor",
  most_amount as "mostMinor", valid_from as "validFrom", nullif(valid_to, 'infinity') as "validTo", created_at as "createdAt",
  created_by as "createdBy", reason`;

export function toFee({ percent, fixedMinor, leastMinor, mostMinor, ...row }: FeeRow): ScheduledFee {
  const share = parsePercent(percent);
  // The column's type and check allow nothing else; nobody may be charged nothing because of it.
  assert(share, `fee ${row.id} has a percentage of ${percent}`);
  return { ...row, terms: { percent: share, fixedMinor, leastMinor, mostMinor } };
}
