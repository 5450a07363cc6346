import { keepLease } from '../background/keep-lease.ts';
import type { Knex, Pool } from '../database/database.ts';
import { signedByDirection } from '../gateway/answers/named-facts.ts';
import { type BookLine, type GatewayBook, GatewayBookError } from '../gateway/port/gateway-book.ts';
import { readSystemBalance } from '../ledger/read-balance.sql.ts';
import { cleanUpEndedReports, cleanUpLines } from './clean-up-lines.ts';
import {
  analyzeBookLines,
  type ComparedReference,
  compareReferences,
  compareSettled,
  hasBookLine,
  insertBookLines,
  linkDifferences,
  readUntimedLines,
  rememberExecutions,
  sumBookLines,
} from './compare-books.sql.ts';
import { decideReference, isEvidence, missingThere, unreadableLine } from './decide-difference.ts';
import type { Difference, DifferenceKind } from './difference.ts';
import { recordDifferences } from './record-differences.sql.ts';
import { type CurrencyTotals, countOpenDifferences, type ReportCounts } from './report.ts';
import { failLostReports, finishReport, insertReport, touchReport } from './reports.sql.ts';
import { createTally, type Tally } from './tally.ts';

export interface ReconciliationOptions {
  readonly pool: Pool;
  readonly knex: Knex;
  readonly book: GatewayBook;
  readonly startedBy: 'command' | 'schedule';
  /** What ended this shortly before the start is in transit: the gateway's book may not show it yet. */
  readonly graceMs: number;
  /** Rows of one page; bounds the memory. */
  readonly pageSize?: number;
  /** Told of differences that nobody had seen before. */
  readonly onDifferences?: (differences: readonly Difference[]) => void;
  /** How long a process may not be heard of before its report is taken for lost. */
  readonly leaseMs?: number;
  /** Told why what earlier reports left could not be cleaned up; the comparison goes on. */
  readonly onCleanUpFailed?: (error: unknown) => void;
}

export interface ReconciliationResult {
  readonly reportId: bigint;
  readonly status: 'clean' | 'differences';
  readonly cutOffAt: Date;
  readonly counts: ReportCounts;
  readonly totals: readonly CurrencyTotals[];
}

const PAGE_SIZE = 2000;
/** A process that was stopped, or away from the database, for this long is taken for lost. */
const LEASE_MS = 300_000;
const ENDED_ELSEWHERE = 'the report was ended by another process, which had not heard of this one';
/** What is left after that is for the next run: a comparison does not wait for it. */
const CLEAN_UP_MS = 60_000;

/**
 * Compares every settled payment with the gateway's book, and records each difference once.
 * The book is loaded first and our payments are read after it, so whatever settles meanwhile can be missing there only when it
 * is younger than the cut-off. Nothing is applied: a difference is for a person.
 * What earlier reports left is cleaned up first; when that fails, the report says why and compares all the same.
 * @throws GatewayBookError when the book cannot be read, or a database error; the report is then `failed`.
 */
export async function runReconciliation(options: ReconciliationOptions): Promise<ReconciliationResult> {
  const { pool, leaseMs = LEASE_MS } = options;
  const takenAtMs = performance.now();
  const report = await insertReport(pool, options);
  const lease = keepLease({
    leaseMs,
    takenAtMs,
    renew: () => touchReport(pool, report.id),
    // It is tried again, and the report ends when that does not help.
    onError() {},
  });
  const kept = { ...options, signal: lease.signal };
  try {
    const trouble = await cleanUp(options);
    const lastLine = await loadBook(report.id, kept);
    const tally = createTally();
    await tellOfTimes(report, tally, kept);
    await compareTheirs(report, tally, kept);
    // Where nothing of ours is due, nothing else would miss the lines.
    await assertBookIsThere({ ...report, lastLine }, pool);
    await compareOurs({ ...report, lastLine }, tally, kept);
    const counts = tally.counts();
    const totals = tally.totals(await readClearing(options.knex, tally.currencies()));
    const status = countOpenDifferences(counts) > 0 ? 'differences' : 'clean';
    const isOurs = await finishReport(pool, { id: report.id, status, counts, totals, error: trouble });
    if (!isOurs) throw new Error(ENDED_ELSEWHERE);
    return { reportId: report.id, status, cutOffAt: report.cutOffAt, counts, totals };
  } catch (caught) {
    // A run that was stopped because its report ended elsewhere has failed for that reason only.
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

/** @returns why it could not be done; null when it was. */
async function cleanUp({ pool, onCleanUpFailed }: ReconciliationOptions): Promise<string | null> {
  try {
    await failLostReports(pool, { silentMs: LEASE_MS });
    await cleanUpEndedReports(pool, { runMs: CLEAN_UP_MS });
    return null;
  } catch (error) {
    onCleanUpFailed?.(error);
    return `What earlier reports left could not be cleaned up: ${error instanceof Error ? error.message : error}`;
  }
}

/** The options of a comparison, and what fires when its report is no longer ours. */
interface KeptOptions extends ReconciliationOptions {
  readonly signal: AbortSignal;
}

interface StartedReport {
  readonly id: bigint;
  readonly cutOffAt: Date;
}

/** Gives the number of the last line; null for an empty book. */
async function loadBook(
  reportId: bigint,
  { pool, book, signal, pageSize = PAGE_SIZE }: KeptOptions,
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

/** Once the whole book is there: a book that breaks off is no basis for any difference. */
async function tellOfTimes(report: StartedReport, tally: Tally, options: KeptOptions): Promise<void> {
  const { pool, signal, pageSize = PAGE_SIZE } = options;
  for (let after = 0; ; ) {
    signal.throwIfAborted();
    const page = await readUntimedLines(pool, { reportId: report.id, after, limit: pageSize });
    const last = page.at(-1);
    if (!last) return;
    after = last.line;
    await record(report.id, page.map(unreadableLine), tally, options);
  }
}

async function compareTheirs(report: StartedReport, tally: Tally, options: KeptOptions): Promise<void> {
  const { pool, signal, pageSize = PAGE_SIZE } = options;
  for (let after = ''; ; ) {
    signal.throwIfAborted();
    const page = await compareReferences(pool, {
      reportId: report.id,
      after,
      cutOffAt: report.cutOffAt,
      limit: pageSize,
    });
    const last = page.at(-1);
    if (!last) return;
    after = last.reference;

    // Before anything is decided on it: a payment that is failed from now on is failed against evidence.
    await rememberExecutions(pool, report.id, page.filter(isEvidence));

    const compared = page.map((found) => ({ found, comparison: decideReference(found) }));
    tally.addMatched(compared.filter(({ comparison }) => comparison.kind === 'matched').length);
    tally.addInTransit(compared.filter(({ comparison }) => comparison.kind === 'in_transit').length);
    const differences = compared.flatMap(({ comparison }) =>
      comparison.kind === 'different' ? [comparison.difference] : [],
    );
    await record(report.id, differences, tally, options);

    const kinds = new Map(compared.map(({ found, comparison }) => [found.reference, { found, comparison }]));
    const references = page.map(({ reference }) => reference);
    for (const { reference, currency, netMinor } of await sumBookLines(pool, report.id, references)) {
      tally.addMoney('theirsMinor', currency, netMinor);
      const kind = kinds.get(reference)?.comparison.kind;
      if (kind === 'in_transit') tally.addMoney('inTransitMinor', currency, netMinor);
      if (kind === 'different') tally.addMoney('differencesMinor', currency, netMinor);
    }
    // A difference is theirs less ours.
    for (const { found, comparison } of kinds.values()) {
      if (comparison.kind === 'different' && found.status === 'success') {
        const { currency, netMinor } = ourNet(found);
        tally.addMoney('differencesMinor', currency, -netMinor);
      }
    }
  }
}

async function compareOurs(
  report: StartedReport & { readonly lastLine: number | null },
  tally: Tally,
  options: KeptOptions,
): Promise<void> {
  const { pool, signal, pageSize = PAGE_SIZE } = options;
  for (let afterId: bigint | null = 0n; afterId !== null; ) {
    signal.throwIfAborted();
    const page: Awaited<ReturnType<typeof compareSettled>> = await compareSettled(pool, {
      reportId: report.id,
      afterId,
      cutOffAt: report.cutOffAt,
      limit: pageSize,
    });
    afterId = page.lastId;
    const due = page.payments.filter((payment) => payment.isDue);
    const missing = due.filter((payment) => !payment.isThere);
    if (missing.length > 0) await assertBookIsThere(report, pool);
    for (const payment of due)
      tally.addMoney(
        'oursMinor',
        payment.currency,
        signedByDirection(payment.direction, payment.amountMinor),
      );
    for (const payment of missing)
      tally.addMoney(
        'differencesMinor',
        payment.currency,
        -signedByDirection(payment.direction, payment.amountMinor),
      );
    // Those that the book has were counted with it.
    tally.addInTransit(page.payments.filter((payment) => !payment.isDue && !payment.isThere).length);
    await record(report.id, missing.map(missingThere), tally, options);
  }
}

/** A server that crashes empties the table of lines, and then everything would be missing there. */
async function assertBookIsThere(
  { id, lastLine }: { readonly id: bigint; readonly lastLine: number | null },
  pool: Pool,
): Promise<void> {
  if (lastLine !== null && !(await hasBookLine(pool, id, lastLine)))
    throw new GatewayBookError('the loaded book was lost: the database was started again meanwhile');
}

async function record(
  reportId: bigint,
  differences: readonly Difference[],
  tally: Tally,
  { pool, onDifferences }: ReconciliationOptions,
): Promise<void> {
  if (differences.length === 0) return;
  const recorded = await recordDifferences(pool, differences);
  if (recorded.length > 0) onDifferences?.(recorded);
  const dedupeKeys = differences.map(({ dedupeKey }) => dedupeKey);
  for (const { kind, found, open } of await linkDifferences(pool, { reportId, dedupeKeys })) {
    tally.addDifferences(kind as DifferenceKind, { found, open });
  }
}

function ourNet(found: ComparedReference): { currency: string; netMinor: bigint } {
  const { ourDirection: direction, ourAmountMinor: amountMinor, ourCurrency: currency } = found;
  if (direction === null || amountMinor === null || currency === null)
    throw new Error(`the payment of reference ${found.reference} has no amount`);
  return { currency, netMinor: signedByDirection(direction, amountMinor) };
}

async function readClearing(knex: Knex, currencies: readonly string[]): Promise<Map<string, bigint>> {
  const balances = new Map<string, bigint>();
  for (const currency of currencies)
    balances.set(currency, await readSystemBalance(knex, { kind: 'gateway', currency }));
  return balances;
}
