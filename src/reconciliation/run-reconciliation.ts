import { keepLease } from '../background/keep-lease.ts';
import type { Knex, Pool } from '../database/database.ts';
import { DEFAULT_GATEWAY } from '../gateway/port/default-gateway.ts';
import type { BookLine, GatewayBook } from '../gateway/port/gateway-book.ts';
import { readSystemBalance } from '../ledger/read-balance.sql.ts';
import { cleanUpEndedReports, cleanUpLines } from './clean-up-lines.ts';
import { analyzeBookLines, insertBookLines } from './compare-books.sql.ts';
import { type CompareOptions, compareBooks } from './compare-books.ts';
import type { Difference } from './difference.ts';
import { type CurrencyTotals, countOpenDifferences, type ReportCounts } from './report.ts';
import { failLostReports, finishReport, insertReport, touchReport } from './reports.sql.ts';
import { createTally } from './tally.ts';

export interface ReconciliationOptions {
  readonly pool: Pool;
  readonly knex: Knex;
  readonly book: GatewayBook;
  /** Whose book it is; left out: that of the gateway without a name. Only payments of this gateway must be in it. */
  readonly gateway?: string;
  readonly startedBy: 'command' | 'schedule';
  /** Payments that ended less than this before the start are in transit: the gateway's book may not show them yet. */
  readonly graceMs: number;
  /** The rows of one page, which bound the memory. */
  readonly pageSize?: number;
  /** Called with new differences. */
  readonly onDifferences?: (differences: readonly Difference[]) => void;
  /** How long a process may be silent before its report counts as lost. */
  readonly leaseMs?: number;
  /** Called with the reason if the leftovers of earlier reports could not be cleaned up; the comparison continues. */
  readonly onCleanUpFailed?: (error: unknown) => void;
}

export interface ReconciliationResult {
  readonly reportId: bigint;
  /** Whose book was compared. */
  readonly gateway: string;
  readonly status: 'clean' | 'differences';
  readonly cutOffAt: Date;
  readonly counts: ReportCounts;
  readonly totals: readonly CurrencyTotals[];
}

const PAGE_SIZE = 2000;
/** A process that was suspended, or could not reach the database, for this long counts as lost. */
const LEASE_MS = 300_000;
const ENDED_ELSEWHERE = 'another process ended the report, because this one had been silent for too long';
/** The rest is left for the next run, so that the comparison does not wait. */
const CLEAN_UP_MS = 60_000;

/**
 * Compares every settled payment with the gateway's book, and records each difference once.
 * The book is loaded first and our payments are read afterwards, so a payment that settles in the meantime can be missing there only if it
 * is younger than the cut-off. Nothing is applied: differences are for a person. Leftovers of earlier reports are cleaned up first; if that
 * fails, the report says why and compares all the same.
 * @throws GatewayBookError if the book cannot be read, or a database error; the report is then `failed`.
 */
export async function runReconciliation(options: ReconciliationOptions): Promise<ReconciliationResult> {
  const { pool, leaseMs = LEASE_MS } = options;
  const takenAtMs = performance.now();
  const gateway = options.gateway ?? DEFAULT_GATEWAY;
  const report = { ...(await insertReport(pool, { ...options, gateway })), gateway };
  const lease = keepLease({
    leaseMs,
    takenAtMs,
    renew: () => touchReport(pool, report.id),
    // It is tried again, and the report ends if that does not help.
    onError() {},
  });
  const kept = { ...options, pageSize: options.pageSize ?? PAGE_SIZE, signal: lease.signal };
  try {
    const trouble = await cleanUp(options);
    const lastLine = await loadBook(report.id, kept);
    const tally = createTally();
    await compareBooks({ ...report, lastLine }, tally, kept);
    const counts = tally.counts();
    const totals = tally.totals(await readClearing(options.knex, tally.currencies()));
    const status = countOpenDifferences(counts) > 0 ? 'differences' : 'clean';
    const isOurs = await finishReport(pool, { id: report.id, status, counts, totals, error: trouble });
    if (!isOurs) throw new Error(ENDED_ELSEWHERE);
    return { reportId: report.id, gateway, status, cutOffAt: report.cutOffAt, counts, totals };
  } catch (caught) {
    // A run that was stopped because its report was ended elsewhere failed for that reason only.
    const error = lease.signal.aborted ? new Error(ENDED_ELSEWHERE, { cause: lease.signal.reason }) : caught;
    const text = error instanceof Error ? error.message : String(error);
    await finishReport(pool, {
      id: report.id,
      status: 'failed',
      counts: null,
      totals: null,
      error: text,
    }).catch(() => {});
    throw error;
  } finally {
    await lease.stop();
    // What is left is cleaned up by the next run.
    await cleanUpLines(pool, { reportId: report.id, runMs: CLEAN_UP_MS }).catch(() => {});
  }
}

/** @returns why it failed; null if it succeeded. */
async function cleanUp({ pool, onCleanUpFailed }: ReconciliationOptions): Promise<string | null> {
  try {
    await failLostReports(pool, { silentMs: LEASE_MS });
    await cleanUpEndedReports(pool, { runMs: CLEAN_UP_MS });
    return null;
  } catch (error) {
    onCleanUpFailed?.(error);
    return `The lines of earlier reports could not be cleaned up: ${error instanceof Error ? error.message : error}`;
  }
}

/** Returns the number of the last line; null for an empty book. */
async function loadBook(
  reportId: bigint,
  { pool, book, signal, pageSize }: CompareOptions & { readonly book: GatewayBook },
): Promise<number | null> {
  let page: BookLine[] = [];
  let lastLine: number | null = null;
  for await (const line of book.read(signal)) {
    page.push(line);
    lastLine = line.line;
    if (page.length < pageSize) continue;
    await insertBookLines(pool, reportId, page);
    page = [];
  }
  if (page.length > 0) await insertBookLines(pool, reportId, page);
  if (lastLine !== null) await analyzeBookLines(pool);
  return lastLine;
}

async function readClearing(knex: Knex, currencies: readonly string[]): Promise<Map<string, bigint>> {
  const balances = new Map<string, bigint>();
  for (const currency of currencies)
    balances.set(currency, await readSystemBalance(knex, { kind: 'gateway', currency }));
  return balances;
}
