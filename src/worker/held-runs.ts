import type { ClaimedPayment } from '../payments/claimed-payment.ts';

/** One claim that this worker holds. */
export interface HeldRun {
  readonly payment: ClaimedPayment;
  readonly abort: AbortController;
  /**
   * On this process's monotonic clock, which keeps running while the process is suspended. After this time, another worker may hold the
   * lease.
   */
  leaseEndsAtMs: number;
  state: 'waiting' | 'calling' | 'settling' | 'given_back';
}

/** The claims of one worker: those waiting for a free slot, those calling the gateway, and those being settled. */
export function createHeldRuns() {
  const runs = new Map<bigint, HeldRun>();
  let waiting: HeldRun[] = [];
  let callingCount = 0;

  return {
    add(payments: readonly ClaimedPayment[], leaseEndsAtMs: number): void {
      for (const payment of payments) {
        const run: HeldRun = { payment, abort: new AbortController(), leaseEndsAtMs, state: 'waiting' };
        runs.set(payment.paymentId, run);
        waiting.push(run);
      }
    },
    waitingCount: () => waiting.length,
    callingCount: () => callingCount,
    heldCount: () => runs.size,
    /** For each held run whose task was rescued before: how often. */
    rescueCounts: () =>
      [...runs.values()].map(({ payment }) => payment.task.rescueCount).filter((count) => count > 0),
    all: () => [...runs.values()],
    /** Takes the run that has waited longest and counts it as a call; undefined if none is waiting. */
    startNext(): HeldRun | undefined {
      const run = waiting.shift();
      if (!run) return undefined;
      run.state = 'calling';
      callingCount += 1;
      return run;
    },
    callEnded(run: HeldRun): void {
      run.state = 'settling';
      callingCount -= 1;
    },
    remove(run: HeldRun): void {
      if (runs.get(run.payment.paymentId) === run) runs.delete(run.payment.paymentId);
      if (run.state === 'waiting') waiting = waiting.filter((other) => other !== run);
    },
    /** Removes and returns the runs that were never started. */
    takeWaiting(): HeldRun[] {
      const taken = waiting;
      waiting = [];
      for (const run of taken) {
        run.state = 'given_back';
        runs.delete(run.payment.paymentId);
      }
      return taken;
    },
  };
}

export type HeldRuns = ReturnType<typeof createHeldRuns>;
