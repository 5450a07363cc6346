import { repeat } from '../background/repeat.ts';
import { Gauge, type Registry } from './metrics.ts';

/** Reads facts from the database and sets gauges to them. */
export type Sampler = () => Promise<void>;

/**
 * Runs samplers one after another on a timer, so that no scrape waits for the database and no two samples run at once. A failed sampler
 * does not affect the others: its gauges keep their last value, and its time of last success stands still.
 */
export function startSampling({
  samplers,
  registry,
  intervalMs,
  onError,
}: {
  /** The samplers by name, which is the value of the label `sample`. */
  readonly samplers: Readonly<Record<string, Sampler>>;
  readonly registry: Registry;
  readonly intervalMs: number;
  readonly onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  const succeededAt = new Gauge({
    name: 'tollgate_sample_last_success_timestamp_seconds',
    help: 'When facts of the database were last sampled; if it stands still, the gauges of that sample are out of date.',
    labelNames: ['sample'],
    registers: [registry],
  });

  async function sampleAll(signal: AbortSignal): Promise<void> {
    for (const [sample, run] of Object.entries(samplers)) {
      if (signal.aborted) return;
      await run().then(() => succeededAt.setToCurrentTime({ sample }), onError);
    }
  }

  return repeat({ run: sampleAll, firstRun: 'at_once', pauseMs: intervalMs, onError });
}
