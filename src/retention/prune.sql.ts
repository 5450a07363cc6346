import type { Transaction } from '../database/database.ts';
import { JUDGED_PAYMENTS } from './ended-payments.sql.ts';

/** The result of one slice, and where the next one begins. */
export interface PrunedSlice {
  readonly prunedCount: number;
  /** null: nothing else is old enough. */
  readonly nextAfter: bigint | null;
}

export interface SliceRange {
  /** Everything that ended after this time stays. */
  readonly cutOffAt: Date;
  readonly after: bigint;
  readonly limit: number;
}

/**
 * Lets this transaction delete from a table whose triggers otherwise forbid any change. The triggers check this setting for the table's
 * name; nothing else sets it.
 */
export async function allowPruning(transaction: Transaction, table: string): Promise<void> {
  await transaction.query(`select set_config('tollgate.prunes', $1, true)`, [table]);
}

/** Do not use the current clock, which may have been set since it was checked. */
export async function readCutOff(
  transaction: Transaction,
  { now, keptMs }: { readonly now: Date; readonly keptMs: number },
): Promise<Date> {
  const { rows } = await transaction.query<{ at: Date }>(
    `select $1::timestamptz - $2 * interval '1 millisecond' as at`,
    [now, keptMs],
  );
  return rows[0]!.at;
}

/** Tables with rows about payments, and the extra condition for deleting such a row. */
const EVIDENCE = {
  payment_attempts: 'true',
  payment_inquiry_answers: 'true',
  gateway_events: 'evidence.processed_at is not null',
} as const;

/**
 * Prunes the evidence of the next payments that have any, in the order of their ids, which is almost the order of age: the walk ends at the
 * first page with a payment that is too recent.
 */
export async function pruneEvidence(
  transaction: Transaction,
  table: keyof typeof EVIDENCE,
  { cutOffAt, after, limit }: SliceRange,
): Promise<PrunedSlice> {
  const { rows } = await transaction.query(
    `with recursive page as materialized (
       select distinct payment_id from ${table} where payment_id > $2 order by payment_id limit $3
     ),
     ${JUDGED_PAYMENTS},
     pruned as (
       delete from ${table} as evidence
       using judged
       where evidence.payment_id = judged.payment_id and judged.may_go and ${EVIDENCE[table]}
       returning 1
     )
     select (select count(*)::int from pruned) as "prunedCount",
            case
              when (select count(*) from page) = $3 and not coalesce((select bool_or(is_young) from judged), false)
                then (select max(payment_id) from page)
            end as "nextAfter"`,
    [cutOffAt, after, limit],
  );
  return rows[0];
}

/** Prunes callbacks about references that belong to no payment. */
export async function pruneStrangers(
  transaction: Transaction,
  { cutOffAt, limit }: SliceRange,
): Promise<PrunedSlice> {
  const { rowCount } = await transaction.query(
    `delete from gateway_events
     where (event_id, gateway) in (
       select event_id, gateway
       from gateway_events as event
       where event.payment_id is null and event.received_at <= $1 and event.processed_at <= $1
         and not exists (
           select 1 from reconciliation_differences as difference
           where difference.reference = event.reference and difference.closed_at is null)
       order by event.received_at
       limit $2
     )`,
    [cutOffAt, limit],
  );
  return { prunedCount: rowCount ?? 0, nextAfter: rowCount === limit ? 0n : null };
}

/**
 * Prunes differences that a person has closed and that no comparison has seen since: one that is still seen would come back as new. Those
 * that were posted to suspense stay, because the ledger refers to them.
 */
export async function pruneDifferences(
  transaction: Transaction,
  { cutOffAt, after, limit }: SliceRange,
): Promise<PrunedSlice> {
  const { rows } = await transaction.query(
    `with recursive differences as materialized (
       select id, created_at, last_seen_at, closed_at,
              -- A difference that was recorded without a payment is about the payment whose id begins its reference.
              coalesce(payment_id,
                       case when reference ~ '^[0-9]{1,18}-' then split_part(reference, '-', 1)::bigint end) as payment_id
       from reconciliation_differences
       where id > $2
       order by id
       limit $3
     ),
     page as materialized (
       select distinct payment_id from differences where payment_id is not null
     ),
     ${JUDGED_PAYMENTS},
     pruned as (
       delete from reconciliation_differences as difference
       using differences
       left join judged on judged.payment_id = differences.payment_id
       where difference.id = differences.id and differences.closed_at <= $1 and differences.last_seen_at <= $1
         and coalesce(judged.may_go, true)
         and not exists (
           select 1 from ledger_transactions as posted where posted.reference = 'difference:' || differences.id)
       returning 1
     )
     select (select count(*)::int from pruned) as "prunedCount",
            case
              when (select count(*) from differences) = $3
                   and not coalesce((select bool_or(created_at > $1) from differences), false)
                then (select max(id) from differences)
            end as "nextAfter"`,
    [cutOffAt, after, limit],
  );
  return rows[0];
}

/** Prunes reports and their differences, but never the last report that ended with a result. */
export async function pruneReports(
  transaction: Transaction,
  { cutOffAt, limit }: SliceRange,
): Promise<PrunedSlice> {
  const old = `
    select id
    from reconciliation_reports
    where finished_at <= $1
      and id < coalesce((select max(id) from reconciliation_reports where status in ('clean', 'differences')), 0)`;
  const { rowCount: linkCount } = await transaction.query(
    `delete from reconciliation_report_differences as seen
     using (
       select report_id, difference_id
       from (${old}) as report
       join reconciliation_report_differences on report_id = report.id
       limit $2
     ) as gone
     where seen.report_id = gone.report_id and seen.difference_id = gone.difference_id`,
    [cutOffAt, limit],
  );
  const { rowCount: reportCount } = await transaction.query(
    `delete from reconciliation_reports
     where id in (
       select report.id
       from (${old}) as report
       where not exists (select 1 from reconciliation_report_differences where report_id = report.id)
       order by report.id
       limit $2
     )`,
    [cutOffAt, limit],
  );
  const goesOn = linkCount === limit || reportCount === limit;
  return { prunedCount: reportCount ?? 0, nextAfter: goesOn ? 0n : null };
}

/** Tables whose rows have an end of their own, and the condition for it. */
const ENDED = {
  bulk_redrives: `state = 'done' and finished_at <= $1`,
  claim_pauses: 'resumed_at <= $1',
  integrity_violations: 'resolved_at <= $1',
} as const;

export async function pruneEnded(
  transaction: Transaction,
  table: keyof typeof ENDED,
  { cutOffAt, limit }: SliceRange,
): Promise<PrunedSlice> {
  const { rowCount } = await transaction.query(
    `delete from ${table} where id in (select id from ${table} where ${ENDED[table]} order by id limit $2)`,
    [cutOffAt, limit],
  );
  return { prunedCount: rowCount ?? 0, nextAfter: rowCount === limit ? 0n : null };
}
