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
  const report = await insertReport(pool, options);
  const lease = keepLease({
    leaseMs,
    takenAtMs,
    renew: () => touchReport(pool, report.id),
    // It is tried again, and the report ends if that does not help.
    onError() {},
  });
  const kept = { ...options, signal: lease.signal };
  try {
    const trouble = await cleanUp(options);
    const lastLine = await loadBook(report.id, kept);
    const tally = createTally();
    await tellOfTimes(report, tally, kept);
    await compareTheirs(report, tally, kept);
    // If none of our payments are due, nothing else would notice the missing lines.
    await assertBookIsThere({ ...report, lastLine }, pool);
    await compareOurs({ ...report, lastLine }, tally, kept);
    const counts = tally.counts();
    const totals = tally.totals(await readClearing(options.knex, tally.currencies()));
    const status = countOpenDifferences(counts) > 0 ? 'differences' : 'clean';
    const isOurs = await finishReport(pool, { id: report.id, status, counts, totals, error: trouble });
    if (!isOurs) throw new Error(ENDED_ELSEWHERE);
    return { reportId: report.id, status, cutOffAt: report.cutOffAt, counts, totals };
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

/** The options of a comparison, and a signal that fires when the report is no longer ours. */
interface KeptOptions extends ReconciliationOptions {
  readonly signal: AbortSignal;
}

interface StartedReport {
  readonly id: bigint;
  readonly cutOffAt: Date;
}

/** Returns the number of the last line; null for an empty book. */
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

/** Only once the whole book is loaded: an incomplete book is no basis for any difference. */
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

    // Store the evidence before anything is decided, so that any later attempt to fail such a payment sees it.
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
    // Payments that the book has were counted with the book.
    tally.addInTransit(page.payments.filter((payment) => !payment.isDue && !payment.isThere).length);
    await record(report.id, missing.map(missingThere), tally, options);
  }
}

/** A server crash empties the table of lines, and then everything would seem to be missing in the book. */
async function assertBookIsThere(
  { id, lastLine }: { readonly id: bigint; readonly lastLine: number | null },
  pool: Pool,
): Promise<void> {
  if (lastLine !== null && !(await hasBookLine(pool, id, lastLine)))
    throw new GatewayBookError('the loaded book was lost, because the database restarted in the meantime');
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
