import type { Queryable, Transaction } from '../database/database.ts';
import { formatPercent } from '../money/percent.ts';
import type { Fee, ScheduledFee } from './fee.ts';
import type { ChangedBy, FeeAction, NewFee } from './fee-change.ts';
import { FEE_COLUMNS, type FeeRow, toFee } from './fee-columns.sql.ts';

/** Those who change the schedule take turns: what one decides on must not change under it. The table's trigger takes the same lock. */
export async function lockSchedule(transaction: Transaction): Promise<void> {
  await transaction.query(`select pg_advisory_xact_lock(hashtextextended('fee_schedule', 0))`);
}

/** What a change is decided on: the rows of one kind and currency that have not ended, and the moment at which the lock was held. */
export interface OpenFees {
  /** In whole milliseconds, as clients read and write times. */
  readonly now: Date;
  /** In the order in which they begin. */
  readonly fees: readonly ScheduledFee[];
}

/** Call it with the schedule locked: `now` is later than every change that was committed before. */
export async function readOpenFees(
  transaction: Transaction,
  { kind, currency }: Pick<Fee, 'kind' | 'currency'>,
): Promise<OpenFees> {
  const { rows } = await transaction.query<FeeRow & { readonly now: Date }>(
    `select clock.now, fee.*
     from (select date_trunc('milliseconds', clock_timestamp()) as now) as clock
     left join lateral (
       select ${FEE_COLUMNS}
       from fee_schedule
       where kind = $1 and currency is not distinct from $2 and valid_to > clock.now and valid_to > valid_from
     ) as fee on true
     order by fee."validFrom"`,
    [kind, currency],
  );
  const fees = rows.filter(({ id }) => id !== null).map(({ now: _now, ...row }) => toFee(row));
  return { now: rows[0]!.now, fees };
}

/** One row, whatever has become of it. */
export async function readFee(transaction: Transaction, id: bigint): Promise<ScheduledFee | undefined> {
  const { rows } = await transaction.query<FeeRow>(`select ${FEE_COLUMNS} from fee_schedule where id = $1`, [
    id,
  ]);
  return rows[0] && toFee(rows[0]);
}

export async function insertFee(
  transaction: Transaction,
  { kind, currency, payer, terms, by, reason }: NewFee,
  { validFrom, validTo }: Pick<ScheduledFee, 'validFrom' | 'validTo'>,
): Promise<ScheduledFee> {
  const { rows } = await transaction.query<FeeRow>(
    `insert into fee_schedule (kind, currency, payer, percent, fixed_amount, least_amount, most_amount, valid_from, valid_to,
                               created_by, reason)
     values ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9::timestamptz, 'infinity'), $10, $11)
     returning ${FEE_COLUMNS}`,
    [
      kind,
      currency,
      payer,
      formatPercent(terms.percent),
      terms.fixedMinor,
      terms.leastMinor,
      terms.mostMinor,
      validFrom,
      validTo,
      by,
      reason,
    ],
  );
  return toFee(rows[0]!);
}

export async function setEnd(transaction: Transaction, id: bigint, validTo: Date | null): Promise<void> {
  await transaction.query(
    `update fee_schedule set valid_to = coalesce($2::timestamptz, 'infinity') where id = $1`,
    [id, validTo],
  );
}

/** The row that would have gone on if this one had not been set; null if there was none. */
export async function readReplacedId(transaction: Transaction, id: bigint): Promise<bigint | null> {
  const { rows } = await transaction.query<{ id: bigint | null }>(
    `select before_fee_id as id from fee_changes where after_fee_id = $1 and action = 'set'`,
    [id],
  );
  return rows[0]?.id ?? null;
}

export async function insertFeeChange(
  transaction: Transaction,
  {
    action,
    beforeId,
    afterId,
    effectiveAt,
    by,
    reason,
  }: ChangedBy & {
    readonly action: FeeAction;
    readonly beforeId: bigint | null;
    readonly afterId: bigint | null;
    readonly effectiveAt: Date;
  },
): Promise<bigint> {
  const { rows } = await transaction.query<{ id: bigint }>(
    `insert into fee_changes (action, before_fee_id, after_fee_id, effective_at, changed_by, reason)
     values ($1, $2, $3, $4, $5, $6)
     returning id`,
    [action, beforeId, afterId, effectiveAt, by, reason],
  );
  return rows[0]!.id;
}

/** Whether this change is there, after a lost COMMIT. After a crash, the server may assign its id again, but not to the same words. */
export async function isFeeChangeWritten(
  queryable: Queryable,
  { changeId, by, reason }: ChangedBy & { readonly changeId: bigint },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    'select 1 from fee_changes where id = $1 and changed_by = $2 and reason = $3',
    [changeId, by, reason],
  );
  return rowCount === 1;
}
