import { askAgain } from '../../background/ask-again.ts';
import type { FinishedRun, SettlementResult } from './settle-payments.ts';

type TriedResult = SettlementResult | 'unwritten';

const PAUSES = { baseMs: 100, maxMs: 2000 };
/** Long enough for the lock on the wallet to be released, and short enough not to delay its owner much longer. */
const GIVE_BACK_MS = 15_000;

export interface DeferredRuns {
  /** Tries to settle a run by itself, again and again. If it has waited for too long, gives it back to the queue. */
  keepTrying(run: FinishedRun): Promise<TriedResult>;
  /** From now on no run waits: those that do are given back. */
  endWaiting(): void;
}

/**
 * Looks after runs that cannot be settled because their rows are locked, for example a wallet that an operator's session or a migration has
 * locked. The other runs of the batch have been settled; such a run keeps its lease and is tried again. If that takes too long, it goes back
 * to the queue, so that one wallet never fills a worker: the gateway's answer stays with the attempt, and the next run asks the gateway
 * first.
 */
export function createDeferredRuns({
  trySettling,
  maxCount,
  maxWaitMs,
}: {
  readonly trySettling: (run: FinishedRun) => Promise<TriedResult>;
  /** How many runs may wait at the same time; a further one is given back at once. */
  readonly maxCount: number;
  readonly maxWaitMs: number;
}): DeferredRuns {
  const ended = new AbortController();
  let count = 0;

  async function waitAndTry(run: FinishedRun): Promise<TriedResult> {
    const waited = await askAgain<TriedResult>('locked', () => trySettling(run), {
      mustWait: (result) => result === 'locked' && count <= maxCount,
      pauses: PAUSES,
      forMs: maxWaitMs,
      signal: ended.signal,
    });
    if (waited !== 'locked') return waited;
    const result = await trySettling(giveBack(run));
    return result === 'locked' ? 'unwritten' : result;
  }

  return {
    async keepTrying(run) {
      count += 1;
      try {
        return await waitAndTry(run);
      } finally {
        count -= 1;
      }
    },
    endWaiting: () => ended.abort(),
  };
}

/** The same run with another decision: its attempt is closed with its answer, and its task waits for its next run. */
function giveBack(run: FinishedRun): FinishedRun {
  if (run.decision.kind === 'retry') return run;
  return {
    ...run,
    decision: {
      kind: 'retry',
      usesAttempt: false,
      delayMs: GIVE_BACK_MS,
      unknown: 'started_now',
      notFoundCount: 0,
      hasCounted: false,
      turnedAwayCount: 0,
      error: 'another transaction had locked the rows of this payment or its wallet for too long',
    },
  };
}
