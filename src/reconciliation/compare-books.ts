import type { Pool } from '../database/database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { signedByDirection } from '../gateway/answers/named-facts.ts';
import { GatewayBookError } from '../gateway/port/gateway-book.ts';
import {
  type ComparedReference,
  compareReferences,
  compareSettled,
  hasBookLine,
  linkDifferences,
  readUntimedLines,
  rememberExecutions,
  sumBookLines,
} from './compare-books.sql.ts';
import { decideReference, isEvidence, missingThere, unreadableLine } from './decide-difference.ts';
import type { Difference, DifferenceKind } from './difference.ts';
import { recordDifferences } from './record-differences.sql.ts';
import type { Tally } from './tally.ts';

/** A report whose book is loaded. */
export interface LoadedReport {
  readonly id: bigint;
  /** Payments that ended later are in transit. */
  readonly cutOffAt: Date;
  /** The number of the book's last line; null for an empty book. */
  readonly lastLine: number | null;
  /** Whose book it is. */
  readonly gateway: string;
}

export interface CompareOptions {
  readonly pool: Pool;
  /** Fires when the report is no longer ours. */
  readonly signal: AbortSignal;
  /** The rows of one page, which bound the memory. */
  readonly pageSize: number;
  /** Called with new differences. */
  readonly onDifferences?: ((differences: readonly Difference[]) => void) | undefined;
}

/**
 * Compares the loaded book with our payments page by page, records each difference, and adds everything up in the tally. The book must be
 * complete: an incomplete one is no basis for any difference.
 * @throws GatewayBookError if the loaded book was lost, the reason of the signal, or a database error.
 */
export async function compareBooks(
  report: LoadedReport,
  tally: Tally,
  options: CompareOptions,
): Promise<void> {
  await recordUnreadableTimes(report, tally, options);
  await compareTheirs(report, tally, options);
  // If none of our payments are due, nothing else would notice the missing lines.
  await assertBookIsThere(report, options.pool);
  await compareOurs(report, tally, options);
}

async function recordUnreadableTimes(
  report: LoadedReport,
  tally: Tally,
  options: CompareOptions,
): Promise<void> {
  const { pool, signal, pageSize } = options;
  for (let after = 0; ; ) {
    signal.throwIfAborted();
    const page = await readUntimedLines(pool, {
      reportId: report.id,
      gateway: report.gateway,
      after,
      limit: pageSize,
    });
    const last = page.at(-1);
    if (!last) return;
    after = last.line;
    await record(report.id, page.map(unreadableLine), tally, options);
  }
}

async function compareTheirs(report: LoadedReport, tally: Tally, options: CompareOptions): Promise<void> {
  const { pool, signal, pageSize } = options;
  for (let after = ''; ; ) {
    signal.throwIfAborted();
    const page = await compareReferences(pool, {
      reportId: report.id,
      gateway: report.gateway,
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

async function compareOurs(report: LoadedReport, tally: Tally, options: CompareOptions): Promise<void> {
  const { pool, signal, pageSize } = options;
  for (let afterId: bigint | null = 0n; afterId !== null; ) {
    signal.throwIfAborted();
    const page: Awaited<ReturnType<typeof compareSettled>> = await compareSettled(pool, {
      reportId: report.id,
      gateway: report.gateway,
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
async function assertBookIsThere({ id, lastLine }: LoadedReport, pool: Pool): Promise<void> {
  if (lastLine !== null && !(await hasBookLine(pool, id, lastLine)))
    throw new GatewayBookError('the loaded book was lost, because the database restarted in the meantime');
}

async function record(
  reportId: bigint,
  differences: readonly Difference[],
  tally: Tally,
  { pool, onDifferences }: CompareOptions,
): Promise<void> {
  if (differences.length === 0) return;
  const recorded = await inTransaction(pool, (transaction) => recordDifferences(transaction, differences));
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
