import { keepLeases } from '../background/keep-lease.ts';
import type { Pool } from '../database/database.ts';
import { failpoint } from '../process/failpoints/failpoint.ts';
import { renewLeases } from '../queue/leases.sql.ts';
import type { LeasedRun, LeasedRuns } from './leased-runs.ts';
import type { WorkerEvents } from './worker-events.ts';

/** Renews the leases of a worker's runs until it is stopped. */
export function keepRunLeases({
  pool,
  runs,
  leaseMs,
  events,
  onLost,
}: {
  readonly pool: Pool;
  readonly runs: LeasedRuns;
  readonly leaseMs: number;
  readonly events: WorkerEvents;
  /** The task no longer belongs to this run. */
  readonly onLost: (run: LeasedRun) => void;
}): { stop(): Promise<void> } {
  return keepLeases({
    leaseMs,
    held: () => runs.all(),
    async renew(due) {
      const { held, busy } = await renewLeases(
        pool,
        due.map((run) => run.payment.task),
        leaseMs,
      );
      failpoint('renew.after_commit');
      return ({ payment }) => {
        if (held.has(payment.paymentId)) return 'held';
        // The run's own clock keeps it from sending too late.
        return busy.has(payment.paymentId) ? 'busy' : 'lost';
      };
    },
    onLost(run) {
      // A run that is being settled is protected by its fence, and has usually just been settled.
      if (run.state !== 'waiting' && run.state !== 'calling') return;
      onLost(run);
      if (run.state === 'waiting') runs.remove(run);
    },
    onError: events.renewalFailed,
  });
}
