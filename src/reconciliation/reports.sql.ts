import type { Knex, Pool } from '../database/database.ts';
import {
  type CreatedFilter,
  type Page,
  type PageParts,
  type PageQuery,
  readPage,
} from '../database/list-page.sql.ts';
import type { CurrencyTotals, ReconciliationReport, ReportCounts, ReportStatus } from './report.ts';

const SELECT_REPORT = `
    select id, status, started_by as "startedBy", started_at as "startedAt", cut_off_at as "cutOffAt",
           finished_at as "finishedAt", counts, totals, error, gateway`;

/** Begins a report; everything written more than `graceMs` ago is due in it. */
export async function insertReport(
  pool: Pool,
  {
    startedBy,
    graceMs,
    gateway,
  }: {
    readonly startedBy: 'command' | 'schedule';
    readonly graceMs: number;
    readonly gateway: string;
  },
): Promise<{ id: bigint; cutOffAt: Date }> {
  const { rows } = await pool.query(
    `insert into reconciliation_reports (started_by, cut_off_at, gateway)
     values ($1, now() - $2 * interval '1 millisecond', $3)
     returning id, cut_off_at as "cutOffAt"`,
    [startedBy, graceMs, gateway],
  );
  return rows[0];
}

/** @returns false if the report is no longer running, because another process took it for lost. */
export async function finishReport(
  pool: Pool,
  report: {
    readonly id: bigint;
    readonly status: Exclude<ReportStatus, 'running'>;
    readonly counts: ReportCounts | null;
    readonly totals: readonly CurrencyTotals[] | null;
    readonly error: string | null;
  },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update reconciliation_reports
     set status = $2, finished_at = now(), counts = $3, totals = $4, error = $5
     where id = $1 and status = 'running'`,
    [
      report.id,
      report.status,
      report.counts && JSON.stringify(report.counts),
      report.totals &&
        JSON.stringify(report.totals, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      report.error,
    ],
  );
  return rowCount === 1;
}

/** Records that the process of a report is alive. */
export async function touchReport(pool: Pool, id: bigint): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update reconciliation_reports set heartbeat_at = now() where id = $1 and status = 'running'`,
    [id],
  );
  return rowCount === 1;
}

/** Ends reports whose process has not reported for `silentMs`. */
export async function failLostReports(
  pool: Pool,
  { silentMs }: { readonly silentMs: number },
): Promise<void> {
  await pool.query(
    `update reconciliation_reports
     set status = 'failed', finished_at = now(), error = 'its process was lost'
     where status = 'running' and heartbeat_at < now() - $1 * interval '1 millisecond'`,
    [silentMs],
  );
}

export async function findReport(knex: Knex, id: bigint): Promise<ReconciliationReport | undefined> {
  const { rows } = await knex.raw(`${SELECT_REPORT} from reconciliation_reports where id = :id`, { id });
  return rows.map(readReport)[0];
}

export interface ReportFilter extends CreatedFilter {
  readonly status?: ReportStatus | undefined;
}

/** Lists reports, newest first. A report's time is when it began. */
export async function listReports(
  knex: Knex,
  query: ReportFilter & PageQuery,
): Promise<Page<ReconciliationReport>> {
  const { items, nextBeforeId } = await readPage<ReconciliationReport>(knex, reportPageParts(query));
  return { items: items.map(readReport), nextBeforeId };
}

export function reportPageParts(query: ReportFilter & PageQuery): PageParts {
  return {
    query,
    walk: {
      from: 'reconciliation_reports as listed',
      id: 'listed.id',
      as: 'report',
      columns: 'listed.*',
      createdAt: 'listed.started_at',
    },
    select: SELECT_REPORT,
    filters: [query.status === undefined ? undefined : 'report.status = :status'],
    values: { status: query.status ?? null },
  };
}

/** Money is stored as text in JSON. */
function readReport(row: ReconciliationReport): ReconciliationReport {
  const totals = row.totals as readonly Record<keyof CurrencyTotals, string>[] | null;
  return {
    ...row,
    totals:
      totals?.map((total) => ({
        currency: total.currency,
        oursMinor: BigInt(total.oursMinor),
        theirsMinor: BigInt(total.theirsMinor),
        inTransitMinor: BigInt(total.inTransitMinor),
        differencesMinor: BigInt(total.differencesMinor),
        clearingMinor: BigInt(total.clearingMinor),
      })) ?? null,
  };
}
