import { askAgain } from '../../background/ask-again.ts';
import type { FinishedRun, SettlementResult } from './settle-payments.ts';

type TriedResult = SettlementResult | 'unwritten';

const PAUSES = { baseMs: 100, maxMs: 2000 };
/** Long enough for somebody to let go of the wallet, short enough for its owner not to wait much longer than they did. */
const GIVE_BACK_MS = 15_000;

export interface DeferredRuns {
  /** Tries a run again and again, by itself, until it is settled or has waited long enough; then gives it back. */
  keepTrying(run: FinishedRun): Promise<TriedResult>;
  /** From now on runs wait for nobody: what is set aside is given back. */
  endWaiting(): void;
}

/**
 * Looks after runs that cannot be settled because somebody else has their rows: a wallet that an operator's session or a
 * migration has locked. Its neighbours have gone on; it keeps its lease and is tried again. A run that waits for long goes
 * back to the queue, so that one wallet never fills a worker: its answer stays with its attempt, and the next run asks the
 * gateway first.
 */
export function createDeferredRuns({
  trySettling,
  maxCount,
  maxWaitMs,
}: {
  readonly trySettling: (run: FinishedRun) => Promise<TriedResult>;
  /** Runs that may be set aside at once; one more is given back at once. */
  readonly maxCount: number;
  readonly maxWaitMs: number;
}): DeferredRuns {
  const ended = new AbortController();
  let count = 0;

  async function waitAndTry(run: FinishedRun): Promise<TriedResult> {
    const waited = await askAgain<TriedResult>('locked', () => trySettling(run), {
      whileIt: (result) => result === 'locked' && count <= maxCount,
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

/** The same run with another end: its attempt is closed with the answer that it had, and its task waits for its next run. */
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
      error: 'another transaction had the rows of this payment, or of its wallet, for too long',
    },
  };
}
