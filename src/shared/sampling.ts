import { Gauge, type Registry } from './metrics.ts';

/** Reads facts of the database and sets gauges to them. */
export type Sampler = () => Promise<void>;

/**
 * Runs samplers one after another on a timer, so that no scrape ever waits for the database and no two samples run at once.
 * A sampler that fails keeps no other from its turn: its gauges keep their last value, and its time of success stands still.
 */
export function startSampling({
  samplers,
  registry,
  intervalMs,
  onError,
}: {
  /** By the value of the label `sample`. */
  readonly samplers: Readonly<Record<string, Sampler>>;
  readonly registry: Registry;
  readonly intervalMs: number;
  readonly onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  const succeededAt = new Gauge({
    name: 'tollgate_sample_last_success_timestamp_seconds',
    help: 'When facts of the database were last sampled; when it stands still, the gauges of that sample are old.',
    labelNames: ['sample'],
    registers: [registry],
  });
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function sampleAll(): Promise<void> {
    for (const [sample, run] of Object.entries(samplers)) {
      if (isStopped) return;
      await run().then(() => succeededAt.setToCurrentTime({ sample }), onError);
    }
  }
  const tick = (): void => {
    running = sampleAll().finally(() => {
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
