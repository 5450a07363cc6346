import type { Pool } from '../database/database.ts';
import { DEAD_LETTER_REASONS } from '../dead-letters/letters/dead-letter-reasons.ts';
import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { Sampler } from '../telemetry/sampling.ts';
import { findStranded } from './find-stranded.ts';
import { type QueueSample, sampleQueue } from './sample-queue.ts';

/** Called once for a gateway that payments wait for and that this process's settings do not name. */
export type OnStranded = (stranded: { readonly gateway: string; readonly count: number }) => void;

/** Gauges of the queue and of tasks that left it without success. */
export function createQueueGauges({
  pool,
  registry,
  gateways = [],
  onStranded = () => {},
}: {
  readonly pool: Pool;
  readonly registry: Registry;
  /** The names of the gateways in the settings. */
  readonly gateways?: readonly string[];
  readonly onStranded?: OnStranded;
}): Sampler {
  let toldOf: ReadonlySet<string> = new Set();
  const registers = [registry];
  const depth = new Gauge({
    name: 'tollgate_queue_depth',
    help: 'Tasks by state, counted up to 10,000; scheduled: waiting for a backoff to end.',
    labelNames: ['state'],
    registers,
  });
  const oldestReady = new Gauge({
    name: 'tollgate_queue_oldest_ready_seconds',
    help: 'How long the oldest ready task has been waiting since it became due.',
    registers,
  });
  const openLetters = new Gauge({
    name: 'tollgate_dead_letters_open',
    help: 'Dead letters that nobody has dealt with, by reason; counted up to 10,000 in all.',
    labelNames: ['reason'],
    registers,
  });
  const openUnknown = new Gauge({
    name: 'tollgate_payments_unknown_open',
    help: 'Payments whose outcome is unknown, counted up to 10,000.',
    registers,
  });
  const oldestUnknown = new Gauge({
    name: 'tollgate_payments_unknown_oldest_seconds',
    help: 'How long the outcome of the oldest unknown payment has been unknown.',
    registers,
  });
  const needReview = new Gauge({
    name: 'tollgate_payments_need_review',
    help: 'Payments whose outcome has been unknown for so long that a person has to look.',
    registers,
  });
  const openDifferences = new Gauge({
    name: 'tollgate_reconciliation_exceptions_open',
    help: "Differences between the gateway's records and ours that nobody has closed.",
    registers,
  });
  const waitingCallbacks = new Gauge({
    name: 'tollgate_gateway_callbacks_waiting',
    help: 'Callbacks that are stored but not processed yet.',
    registers,
  });

  const stranded = new Gauge({
    name: 'tollgate_payments_without_gateway',
    help: 'Payments that wait for a gateway that the settings of this process do not name: due in the queue, or of unknown outcome; 0 for those that they name.',
    labelNames: ['gateway'],
    registers,
  });

  function noteStranded(counts: QueueSample): void {
    const found = findStranded(counts, gateways);
    stranded.reset();
    for (const gateway of gateways) stranded.set({ gateway }, 0);
    for (const [gateway, count] of found) {
      stranded.set({ gateway }, count);
      if (!toldOf.has(gateway)) onStranded({ gateway, count });
    }
    toldOf = new Set(found.keys());
  }

  return async () => {
    const counts = await sampleQueue(pool);
    noteStranded(counts);
    depth.set({ state: 'ready' }, counts.readyCount);
    depth.set({ state: 'scheduled' }, counts.scheduledCount);
    depth.set({ state: 'running' }, counts.runningCount);
    oldestReady.set(Math.max(0, counts.oldestReadyAgeSeconds));
    for (const reason of DEAD_LETTER_REASONS) {
      openLetters.set({ reason }, counts.deadLetterCounts[reason] ?? 0);
    }
    openUnknown.set(counts.unknownCount);
    oldestUnknown.set(Math.max(0, counts.oldestUnknownAgeSeconds));
    needReview.set(counts.needsReviewCount);
    openDifferences.set(counts.openDifferenceCount);
    waitingCallbacks.set(counts.waitingCallbackCount);
  };
}
