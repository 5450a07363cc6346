import { renewLeases } from '../queue/hold-tasks.sql.ts';
import type { Pool } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import type { HeldRun, RunBook } from './run-book.ts';
import type { WorkerEvents } from './worker-events.ts';

/** Renews the leases of all runs in the book for as long as it is not stopped. */
export function keepLeases({
  pool,
  runs,
  leaseMs,
  events,
  onLost,
}: {
  readonly pool: Pool;
  readonly runs: RunBook;
  readonly leaseMs: number;
  readonly events: WorkerEvents;
  /** The task is not this run's any more. */
  readonly onLost: (run: HeldRun) => void;
}): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function renew(): Promise<void> {
    const now = performance.now();
    const due = runs.all().filter((run) => run.leaseEndsAtMs - now < (leaseMs * 2) / 3);
    if (due.length === 0) return;
    try {
      const { held, busy } = await renewLeases(
        pool,
        due.map((run) => run.payment.task),
        leaseMs,
      );
      failpoint('renew.after_commit');
      for (const run of due) {
        if (held.has(run.payment.paymentId)) run.leaseEndsAtMs = now + leaseMs;
        // It is asked about again in a third of a lease; meanwhile its own clock keeps it from sending too late.
        else if (busy.has(run.payment.paymentId)) continue;
        else if (run.state === 'waiting' || run.state === 'calling') {
          onLost(run);
          if (run.state === 'waiting') runs.remove(run);
        }
      }
    } catch (error) {
      events.renewalFailed(error);
    }
  }

  function schedule(): void {
    timer = setTimeout(async () => {
      await renew();
      if (!isStopped) schedule();
    }, leaseMs / 3);
    timer.unref();
  }

  schedule();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
