import type { Pool } from '../../src/database/database.ts';
import type { FeeRow } from './world-fees.ts';

/** A row is ended by the change that names it as the one before. */
export async function readFees(pool: Pool): Promise<FeeRow[]> {
  const { rows } = await pool.query(`
    select fee.id, fee.kind, fee.currency, fee.payer, (fee.percent * 10000)::bigint as share, fee.fixed_amount as "fixedMinor",
           fee.least_amount as "leastMinor", fee.most_amount as "mostMinor", fee.valid_from as "validFrom",
           nullif(fee.valid_to, 'infinity') as "validTo", pg_xact_commit_timestamp(setting.xmin) as "setAt",
           pg_xact_commit_timestamp(ending.xmin) as "endedAt"
    from fee_schedule as fee
    join fee_changes as setting on setting.after_fee_id = fee.id and setting.action = 'set'
    left join fee_changes as ending on ending.before_fee_id = fee.id
    order by fee.id`);
  return rows;
}
