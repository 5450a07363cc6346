import { z } from 'zod';
import { setting } from './setting.ts';
import { count, port, seconds } from './setting-kinds.ts';

export const workerSettings = {
  metricsHost: setting('WORKER_METRICS_HOST', z.string().min(1).default('127.0.0.1')),
  metricsPort: setting('WORKER_METRICS_PORT', port.default(8002)),
  pollIntervalMs: setting('WORKER_POLL_INTERVAL_SECONDS', seconds(0.01, 3600).default(500)),
  leaseMs: setting('WORKER_PROCESSING_TIMEOUT_SECONDS', seconds(0.5, 3600).default(30_000)),
  concurrency: setting('WORKER_CONCURRENCY', count(1, 10_000).default(64)),
  batchSize: setting('WORKER_BATCH_SIZE', count(1, 1000).default(200)),
  maxRescues: setting('WORKER_MAX_RESCUES', count(1, 1000).default(5)),
  shutdownTimeoutMs: setting('WORKER_SHUTDOWN_TIMEOUT_SECONDS', seconds(0, 600).default(10_000)),
};

/** How fresh metrics are, in every process that serves them. */
export const metricsSettings = {
  maxAgeMs: setting('METRICS_MAX_AGE_SECONDS', seconds(0, 60).default(1000)),
  sampleIntervalMs: setting('WORKER_SAMPLE_INTERVAL_SECONDS', seconds(0.1, 3600).default(5000)),
};
