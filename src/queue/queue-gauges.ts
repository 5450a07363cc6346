import type { Pool } from '../database/database.ts';
import { DEAD_LETTER_REASONS } from '../dead-letters/letters/dead-letter-reasons.ts';
import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { Sampler } from '../telemetry/sampling.ts';
import { sampleQueue } from './sample-queue.ts';

/** Gauges of the queue and of tasks that left it without success. */
export function createQueueGauges({
  pool,
  registry,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
}): Sampler {
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

  return async () => {
    const counts = await sampleQueue(pool);
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
