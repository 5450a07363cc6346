import type { ClaimedPayment } from '../payments/claimed-payment.ts';

/** One claim of this worker, and the lease that goes with it. */
export interface LeasedRun {
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
export function createLeasedRuns() {
  const runs = new Map<bigint, LeasedRun>();
  let waiting: LeasedRun[] = [];
  let callingCount = 0;

  return {
    add(payments: readonly ClaimedPayment[], leaseEndsAtMs: number): void {
      for (const payment of payments) {
        const run: LeasedRun = { payment, abort: new AbortController(), leaseEndsAtMs, state: 'waiting' };
        runs.set(payment.paymentId, run);
        waiting.push(run);
      }
    },
    waitingCount: () => waiting.length,
    callingCount: () => callingCount,
    count: () => runs.size,
    /** For each run whose task was rescued before: how often. */
    rescueCounts: () =>
      [...runs.values()].map(({ payment }) => payment.task.rescueCount).filter((count) => count > 0),
    all: () => [...runs.values()],
    /** Takes the run that has waited longest and counts it as a call; undefined if none is waiting. */
    startNext(): LeasedRun | undefined {
      const run = waiting.shift();
      if (!run) return undefined;
      run.state = 'calling';
      callingCount += 1;
      return run;
    },
    callEnded(run: LeasedRun): void {
      run.state = 'settling';
      callingCount -= 1;
    },
    remove(run: LeasedRun): void {
      if (runs.get(run.payment.paymentId) === run) runs.delete(run.payment.paymentId);
      if (run.state === 'waiting') waiting = waiting.filter((other) => other !== run);
    },
    /** Removes and returns the runs that were never started. */
    takeWaiting(): LeasedRun[] {
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

export type LeasedRuns = ReturnType<typeof createLeasedRuns>;
