import type { Pool, Queryable } from '../../database/database.ts';

/** The server's position in its history, and how often a loss of history was recorded. */
export interface HistoryPosition {
  readonly timeline: bigint;
  /** Bytes of write-ahead log on disk: a crash cannot undo them. */
  readonly position: bigint;
  readonly notedTimeline: bigint | null;
  readonly cutCount: bigint;
}

/** undefined on a standby, where nothing can be written, and in a database without this migration. */
export async function readHistory(queryable: Queryable): Promise<HistoryPosition | undefined> {
  // Ask this first: PostgreSQL resolves a statement's tables before it runs any of it.
  const { rows: can } = await queryable.query<{ isReady: boolean }>(
    `select to_regclass('database_history') is not null and not pg_is_in_recovery()
            and current_setting('transaction_read_only') = 'off' as "isReady"`,
  );
  if (!can[0]?.isReady) return undefined;
  const { rows } = await queryable.query<HistoryPosition>(`
    select ('x' || left(pg_walfile_name(here), 8))::bit(32)::bigint as timeline,
           pg_wal_lsn_diff(here, '0/0')::bigint as position,
           history.timeline as "notedTimeline", history.cut_count as "cutCount"
    from database_history as history, pg_current_wal_flush_lsn() as here`);
  return rows[0];
}

/** Records the timeline of a database that was not checked before. */
export async function noteTimeline(queryable: Queryable, timeline: bigint): Promise<void> {
  await queryable.query('update database_history set timeline = $1 where timeline is null', [timeline]);
}

/**
 * Records that part of the history is gone: every payment here may have been sent in the lost part, and time that passed before does not
 * count. Does nothing if another process has recorded it since `cutCount` was read; null records it in any case.
 */
export async function noteCut(
  queryable: Queryable,
  { timeline, cutCount }: { readonly timeline: bigint | null; readonly cutCount: bigint | null },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `with cut as (
       update database_history
       set timeline = coalesce($1, timeline), cut_count = cut_count + 1, cut_at = now(),
           sent_up_to = coalesce((select max(id) from payments), 0)
       where $2::bigint is null or cut_count = $2
       returning cut_count
     )
     update steady_clock
     set seen_at = clock_timestamp(), steady_since = clock_timestamp(), change_count = change_count + 1
     where (select count(*) from cut) = 1`,
    [timeline, cutCount],
  );
  return rowCount === 1;
}

/** When a cut was last recorded; null if none was. The count says less: a restore may put an older count back. */
export async function selectLastCutAt(pool: Pool): Promise<Date | null> {
  const { rows } = await pool.query<{ cutAt: Date | null }>({
    name: 'payments-last-history-cut',
    text: 'select cut_at as "cutAt" from database_history',
  });
  return rows[0]?.cutAt ?? null;
}

/** Payments in the queue. */
export async function countWaiting(queryable: Queryable): Promise<number> {
  const { rows } = await queryable.query<{ count: number }>(
    'select count(*)::int as count from payment_tasks',
  );
  return rows[0]?.count ?? 0;
}
