import type { Pool } from '../shared/database.ts';
import { Gauge, type Registry } from '../shared/metrics.ts';
import { sampleQueue } from './sample-queue.ts';

/**
 * Keeps gauges of the queue fresh on a timer, so that no scrape ever waits for the database.
 * When a sample fails the gauges keep their last value and `tollgate_queue_sampled_timestamp_seconds` stands still.
 */
export function startQueueGauges({
  pool,
  registry,
  intervalMs,
  onError,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
  readonly intervalMs: number;
  readonly onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  const registers = [registry];
  const depth = new Gauge({
    name: 'tollgate_queue_depth',
    help: 'Tasks by state, counted up to 10,000. scheduled: waiting for a backoff.',
    labelNames: ['state'],
    registers,
  });
  const oldestReady = new Gauge({
    name: 'tollgate_queue_oldest_ready_seconds',
    help: 'How long the oldest ready task has been waiting since its time came.',
    registers,
  });
  const openLetters = new Gauge({
    name: 'tollgate_dead_letters_open',
    help: 'Dead letters nobody has dealt with.',
    registers,
  });
  const openUnknown = new Gauge({
    name: 'tollgate_payments_unknown_open',
    help: 'Payments whose outcome is unknown.',
    registers,
  });
  const sampledAt = new Gauge({
    name: 'tollgate_queue_sampled_timestamp_seconds',
    help: 'When the queue was last sampled.',
    registers,
  });

  async function sample(): Promise<void> {
    const counts = await sampleQueue(pool);
    depth.set({ state: 'ready' }, counts.readyCount);
    depth.set({ state: 'scheduled' }, counts.scheduledCount);
    depth.set({ state: 'running' }, counts.runningCount);
    oldestReady.set(Math.max(0, counts.oldestReadyAgeSeconds));
    openLetters.set(counts.deadLetterCount);
    openUnknown.set(counts.unknownCount);
    sampledAt.setToCurrentTime();
  }

  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const tick = (): void => {
    running = sample()
      .catch(onError)
      .finally(() => {
        if (!isStopped) timer = setTimeout(tick, intervalMs);
      });
  };
  tick();
  return {
    async stop() {
      isStopped = true;
      await running;
      clearTimeout(timer);
    },
  };
}
