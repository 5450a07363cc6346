import { classifyDatabaseError } from '../database/transactions/classify-database-error.ts';
import { CommitOutcomeUnknown } from '../database/transactions/commit-outcome.ts';
import { isOfSome, isTooMuch } from '../database/transactions/together-or-apart.ts';
import { KeyInUse } from '../idempotency/used-key.ts';
import { type CommandOutcome, CommandUnavailable } from './command-outcome.ts';
import type { BatchOutcome } from './decide-batch.ts';
import type { ExecutedBatch, LockPatience } from './execute-batch.ts';

/**
 * A wallet that is only used by other commands is soon free. A command that must wait longer is deferred, after delaying its neighbours by
 * this much.
 */
export const TOGETHER: LockPatience = { lockedWallets: 'wait', lockWaitMs: 500 };
/** Deferred commands are retried repeatedly, instead of waiting in a transaction that has locked other rows. */
export const APART: LockPatience = { lockedWallets: 'skip', lockWaitMs: 100 };

/** The result of one command in its batch. */
export type ApartResult<Result> =
  | { readonly kind: 'outcome'; readonly outcome: CommandOutcome<Result> }
  | { readonly kind: 'error'; readonly error: unknown }
  /** Another transaction has locked a row that this command needs; nothing was written for it. */
  | { readonly kind: 'locked'; readonly row: 'wallet' | 'key' | 'other'; readonly error?: unknown };

export interface ApartOptions<Request, Result> {
  readonly execute: (requests: readonly Request[], patience: LockPatience) => Promise<ExecutedBatch<Result>>;
  readonly patience: LockPatience;
  /** Stop halving a batch that is all locked or slow before the clients give up. A time on the monotonic clock. */
  readonly splitUntilMs: number;
  readonly onWellDone: (requestCount: number) => void;
  /** A batch was too large for the statement timeout. */
  readonly onTooSlow: (requestCount: number) => void;
  readonly onWritten: () => void;
}

const MAX_TRIES = 4;

/**
 * Executes commands together, or in halves if that fails because of some of them: a command that is refused by the database, locked out or
 * too slow must not affect its neighbours.
 * @returns a result for each request, in order; it does not throw.
 */
export async function executeTogetherOrApart<Request, Result>(
  requests: readonly Request[],
  options: ApartOptions<Request, Result>,
): Promise<ApartResult<Result>[]> {
  const { patience, splitUntilMs } = options;
  try {
    const { outcomes, hasWritten } = await executeWithRetries(requests, options);
    options.onWellDone(requests.length);
    if (hasWritten) options.onWritten();
    return outcomes.map(toResult);
  } catch (error) {
    const { kind } = classifyDatabaseError(error);
    const isKeyInUse = error instanceof KeyInUse;
    const isLocked = isKeyInUse || kind === 'lock_timeout';
    if (isTooMuch(error)) options.onTooSlow(requests.length);
    const isLate = performance.now() > splitUntilMs;
    if (isLocked && patience !== APART && !isLate)
      return await executeTogetherOrApart(requests, { ...options, patience: APART });
    // Late, it is not known any more whose row it is. Each is tried again apart from the others, so only those that need the row are refused.
    if (isLocked && (requests.length === 1 || isLate))
      return requests.map(() => ({ kind: 'locked', row: isKeyInUse ? 'key' : 'other', error }));
    if (requests.length === 1 || !isOfSome(error) || isLate)
      return requests.map(() => ({ kind: 'error', error: isKeyInUse ? error.cause : error }));
    const half = Math.ceil(requests.length / 2);
    return [
      ...(await executeTogetherOrApart(requests.slice(0, half), options)),
      ...(await executeTogetherOrApart(requests.slice(half), options)),
    ];
  }
}

function toResult<Result>(outcome: BatchOutcome<Result>): ApartResult<Result> {
  if (outcome.kind === 'wallet_locked') return { kind: 'locked', row: 'wallet' };
  if (outcome.kind === 'halted') return { kind: 'error', error: new CommandUnavailable('halted') };
  return { kind: 'outcome', outcome };
}

async function executeWithRetries<Request, Result>(
  requests: readonly Request[],
  { execute, patience }: ApartOptions<Request, Result>,
): Promise<ExecutedBatch<Result>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await execute(requests, patience);
    } catch (error) {
      // Nothing was written, so a retry is safe: this was a deadlock victim, or a pooled connection that had died.
      const { kind } = classifyDatabaseError(error);
      const isOfOneConnection = kind === 'connection' || kind === 'stale_session';
      const canTryAgain = kind === 'serialization' || (isOfOneConnection && tries === 1);
      if (error instanceof CommitOutcomeUnknown || !canTryAgain || tries >= MAX_TRIES) throw error;
    }
  }
}
