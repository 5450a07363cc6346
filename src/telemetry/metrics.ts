import { type Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { readVersion } from '../process/version.ts';

export { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Gauges whose names end like a counter's. Each is the sum of a metric without the suffix, so nothing is lost. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** A separate registry for each process (and each test), with Node's process metrics and the version. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  new Gauge({
    name: 'tollgate_build_info',
    help: 'Always 1; the label shows which version runs.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: readVersion() }, 1);
  return registry;
}

/**
 * Shows every combination of these label values as 0 from the start. Without that, a series would appear with its first event at 1, and
 * `increase()` would never see the first event, which matters most.
 */
export function startAtZero<Label extends string>(
  counter: Counter<Label>,
  values: Readonly<Record<Label, readonly string[]>>,
): void {
  const combinations = Object.entries<readonly string[]>(values).reduce<Record<string, string>[]>(
    (found, [label, options]) =>
      found.flatMap((labels) => options.map((option) => ({ ...labels, [label]: option }))),
    [{}],
  );
  for (const labels of combinations) counter.inc(labels as Record<Label, string>, 0);
}

/** Latency buckets in seconds that suit both a local database call and a slow gateway. */
export const LATENCY_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** From one successful call to the gateway, through attempts with backoff, to inquiries over a day. */
export const PAYMENT_AGE_BUCKETS_SECONDS = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400,
];

/** Buckets for the number of rows in a batch. */
export const BATCH_SIZE_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
