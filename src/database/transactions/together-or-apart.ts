import { classifyDatabaseError, type DatabaseErrorKind } from './classify-database-error.ts';
import { CommitOutcomeUnknown } from './commit-outcome.ts';

/** Passing troubles that may be those of one among many, or of their number. */
const MAY_BE_OF_SOME: ReadonlySet<DatabaseErrorKind> = new Set([
  'lock_timeout',
  'timeout',
  'too_much',
  'system_failure',
]);

/**
 * Whether what failed together may succeed apart: the database refused the content, one row was locked or cannot be read, or it was too
 * much for the time or the memory. An absent database, a lost COMMIT and an answer that never came are nobody's fault among them.
 */
export function isOfSome(error: unknown): boolean {
  if (error instanceof CommitOutcomeUnknown) return false;
  const { kind, isUnavailable, isConnectionLost } = classifyDatabaseError(error);
  // A limit that the server kept; one that only we kept says that the server gives no answer.
  return !isUnavailable || (MAY_BE_OF_SOME.has(kind) && !isConnectionLost);
}

/** Whether it was too much at once: fewer may be quick enough, and fit into the memory. */
export function isTooMuch(error: unknown): boolean {
  const { kind } = classifyDatabaseError(error);
  return isOfSome(error) && (kind === 'timeout' || kind === 'too_much');
}

/** Whether the same may succeed later with nothing else changed. */
export function isLater(error: unknown): boolean {
  return isOfSome(error) && MAY_BE_OF_SOME.has(classifyDatabaseError(error).kind);
}

/**
 * Does something with many items at once, and in halves where that fails for what some of them are.
 * @param giveUpAtMs when it is time, by the monotonic clock, to leave the rest for later; they count as failed.
 * @param onFailed hears of each item that fails alone.
 * @throws an error that is not about the items: the database is away, or the outcome is not known.
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
