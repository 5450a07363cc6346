import type { Pool, Transaction } from '../database/database.ts';
import { classifyDatabaseError } from '../database/transactions/classify-database-error.ts';
import { inSlices } from '../database/transactions/in-slices.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { dropEventDay } from '../events/event-days.sql.ts';
import {
  allowPruning,
  type PrunedSlice,
  pruneDifferences,
  pruneEnded,
  pruneEvidence,
  pruneReports,
  pruneStrangers,
  readCutOff,
  type SliceRange,
} from './prune.sql.ts';
import { RETAINED_TABLES, type Retained, type Retention } from './retained.ts';
import { lookAtClock } from './retention-clock.sql.ts';

export interface PruneOptions {
  readonly retention: Retention;
  /** The time limit for all tables together; the rest is left for the next run. */
  readonly runMs: number;
  /** The payments or rows that one slice examines. */
  readonly sliceRows?: number;
  /** Called for a table that could not be pruned, while the others are. */
  readonly onError: (table: string, error: unknown) => void;
  /** Called for each slice that pruned something, once it is committed. */
  readonly onPruned: (table: string, rowCount: number) => void;
  /** Called if the server's clock has not run steadily for a day; then nothing is pruned. */
  readonly onUnsteadyClock?: (steadySince: Date) => void;
}

type TakeSlice = (transaction: Transaction, range: SliceRange) => Promise<PrunedSlice>;

const SLICE_ROWS = 1000;

const WALKS: readonly (readonly [Retained, TakeSlice])[] = [
  ['attempts', (transaction, range) => pruneEvidence(transaction, 'payment_attempts', range)],
  ['inquiryAnswers', (transaction, range) => pruneEvidence(transaction, 'payment_inquiry_answers', range)],
  ['callbacks', (transaction, range) => pruneEvidence(transaction, 'gateway_events', range)],
  ['callbacks', pruneStrangers],
  ['reports', pruneReports],
  ['differences', pruneDifferences],
  ['bulkRedrives', (transaction, range) => pruneEnded(transaction, 'bulk_redrives', range)],
  ['claimPauses', (transaction, range) => pruneEnded(transaction, 'claim_pauses', range)],
  ['violations', (transaction, range) => pruneEnded(transaction, 'integrity_violations', range)],
  ['events', pruneEvents],
];

/** A day at a time, which is dropped as a whole. Whoever must have every event will say here how far they have read; today there is nobody. */
async function pruneEvents(transaction: Transaction, { cutOffAt }: SliceRange): Promise<PrunedSlice> {
  const count = await dropEventDay(transaction, { endedBy: cutOffAt, readThrough: null });
  return { prunedCount: count ?? 0, nextAfter: count === undefined ? null : 0n };
}

/**
 * Deletes rows that are older than their retention, in slices that are separate transactions, but never rows that an open payment, letter
 * or difference may still need. While the server's clock jumps, nothing is deleted. Any number of processes may do this at once.
 */
export async function prune(pool: Pool, options: PruneOptions): Promise<void> {
  const deadline = performance.now() + options.runMs;
  const { now, isSteady, steadySince } = await lookAtClock(pool);
  if (!isSteady) {
    options.onUnsteadyClock?.(steadySince ?? now);
    return;
  }
  let left = WALKS.length;
  for (const [retained, takeSlice] of WALKS) {
    const keptMs = options.retention[retained];
    // A table with a lot to prune must leave the others their share of the time.
    const runMs = (deadline - performance.now()) / left;
    left -= 1;
    if (keptMs === 0) continue;
    const table = RETAINED_TABLES[retained];
    await walk(pool, { table, now, keptMs, runMs, takeSlice, options }).catch((error: unknown) => {
      // Somebody reads them at this moment, and the next run tries again: it is more important that nobody waits for the drop of a day.
      const isBusy = retained === 'events' && classifyDatabaseError(error).kind === 'lock_timeout';
      if (!isBusy) options.onError(table, error);
    });
  }
}

async function walk(
  pool: Pool,
  {
    table,
    now,
    keptMs,
    runMs,
    takeSlice,
    options,
  }: {
    readonly table: string;
    readonly now: Date;
    readonly keptMs: number;
    readonly runMs: number;
    readonly takeSlice: TakeSlice;
    readonly options: PruneOptions;
  },
): Promise<void> {
  let after = 0n;
  await inSlices({
    rowLimit: options.sliceRows ?? SLICE_ROWS,
    runMs,
    async takeSlice(limit) {
      const { prunedCount, nextAfter } = await inTransaction(pool, async (transaction) => {
        await allowPruning(transaction, table);
        const cutOffAt = await readCutOff(transaction, { now, keptMs });
        return await takeSlice(transaction, { cutOffAt, after, limit });
      });
      if (prunedCount > 0) options.onPruned(table, prunedCount);
      after = nextAfter ?? after;
      return { rowCount: prunedCount, isDone: nextAfter === null };
    },
  });
}
