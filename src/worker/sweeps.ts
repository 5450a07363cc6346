import { aroundJitter } from '../background/backoff.ts';
import type { Job } from '../background/jobs.ts';
import { type RepeatOptions, repeat } from '../background/repeat.ts';
import type { JobFailures } from '../telemetry/job-failures.ts';
import type { Maintenance } from './maintenance.ts';

const INQUIRY_SWEEP_MS = 2000;
const CALLBACK_SWEEP_MS = 1000;
/** If nothing is due, a look costs one index lookup. */
const BULK_REDRIVE_SWEEP_MS = 500;
/** A clock that nobody has checked for a minute is not trusted. */
const CLOCK_SWEEP_MS = 5000;
/** A hold that is over cannot be captured, but keeps its money for so long. */
const EXPIRY_SWEEP_MS = 1000;
const REVIEW_SWEEP_MS = 15_000;

/** What every worker checks for repeatedly, besides the queue. */
export function listSweeps({
  maintenance,
  leaseMs,
  failuresOf,
}: {
  readonly maintenance: Maintenance;
  readonly leaseMs: number;
  readonly failuresOf: JobFailures;
}): Job[] {
  // An expired lease is taken over within one sweep.
  const rescueSweepMs = Math.min(Math.max(leaseMs / 4, 250), 5000);
  const sweeps: readonly (Pick<RepeatOptions, 'run' | 'pauseMs'> & { readonly name: string })[] = [
    { name: 'rescue', run: maintenance.rescue, pauseMs: rescueSweepMs },
    { name: 'ask_about_unknown', run: maintenance.askAboutUnknown, pauseMs: INQUIRY_SWEEP_MS },
    { name: 'process_callbacks', run: maintenance.processCallbacks, pauseMs: CALLBACK_SWEEP_MS },
    { name: 'redrive_in_bulk', run: maintenance.redriveInBulk, pauseMs: BULK_REDRIVE_SWEEP_MS },
    { name: 'expire_order_holds', run: maintenance.expireOrderHolds, pauseMs: EXPIRY_SWEEP_MS },
    { name: 'watch_clock', run: maintenance.watchClock, pauseMs: CLOCK_SWEEP_MS },
    { name: 'mark_for_review', run: maintenance.markForReview, pauseMs: REVIEW_SWEEP_MS },
  ];
  return sweeps.map(({ name, run, pauseMs }) => ({
    name,
    start: () =>
      repeat({
        run,
        firstRun: 'after_a_pause',
        pauseMs,
        jitter: aroundJitter,
        onError: failuresOf(name),
      }),
  }));
}
