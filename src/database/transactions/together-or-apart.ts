import { classifyDatabaseError, type DatabaseErrorKind } from './classify-database-error.ts';
import { CommitOutcomeUnknown } from './commit-outcome.ts';

/** Temporary errors that a single item, or the number of items, may cause. */
const MAY_BE_OF_SOME: ReadonlySet<DatabaseErrorKind> = new Set([
  'lock_timeout',
  'timeout',
  'too_much',
  'system_failure',
]);

/**
 * Whether items that failed together may succeed separately: the database refused the content, one row was locked or cannot be read, or the
 * batch was too much for the time limit or the memory. A missing database, a lost COMMIT or a missing answer is no item's fault.
 */
export function isOfSome(error: unknown): boolean {
  if (error instanceof CommitOutcomeUnknown) return false;
  const { kind, isUnavailable, isConnectionLost } = classifyDatabaseError(error);
  // A limit that the server enforced. If only our own limit ended the wait, the server is not answering.
  return !isUnavailable || (MAY_BE_OF_SOME.has(kind) && !isConnectionLost);
}

/** Whether the batch was too large: fewer items may be fast enough and fit into the memory. */
export function isTooMuch(error: unknown): boolean {
  const { kind } = classifyDatabaseError(error);
  return isOfSome(error) && (kind === 'timeout' || kind === 'too_much');
}

/** Whether the same call may succeed later, with nothing else changed. */
export function isLater(error: unknown): boolean {
  return isOfSome(error) && MAY_BE_OF_SOME.has(classifyDatabaseError(error).kind);
}

/**
 * Processes many items at once, or in halves if that fails because of some of them.
 * @param giveUpAtMs the time, on the monotonic clock, to give up the rest for now; those items count as failed.
 * @param onFailed is called for each item that fails on its own.
 * @throws an error that is not about the items: the database is unavailable, or the outcome is not known.
 */
export async function doTogetherOrApart<Item>(
  items: readonly Item[],
  {
    run,
    giveUpAtMs,
    onFailed,
  }: {
    readonly giveUpAtMs: number;
    readonly run: (items: readonly Item[]) => Promise<void>;
    readonly onFailed: (item: Item, error: unknown) => void;
  },
): Promise<void> {
  if (items.length === 0) return;
  try {
    await run(items);
  } catch (error) {
    if (!isOfSome(error)) throw error;
    if (items.length === 1 || performance.now() > giveUpAtMs) {
      for (const item of items) onFailed(item, error);
      return;
    }
    const half = Math.ceil(items.length / 2);
    await doTogetherOrApart(items.slice(0, half), { run, giveUpAtMs, onFailed });
    await doTogetherOrApart(items.slice(half), { run, giveUpAtMs, onFailed });
  }
}
