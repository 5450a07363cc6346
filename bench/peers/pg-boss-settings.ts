export const BOSS_QUEUE = 'settle';

/**
 * https://pgboss.io/api/workers: large batches, the next one fetched at once while they come back full, and several workers
 * that take turns, so that one fetches and completes while another's jobs run.
 */
export const SPEED_SETTINGS = {
  batchSize: 100,
  burstWhenBatchFull: true,
  localConcurrency: 4,
  pollingIntervalSeconds: 0.5,
} as const;

/** One connection for each worker, and room for its own housekeeping. */
export const BOSS_POOL_SIZE = 8;
/** As many as graphile-worker's tasks have. */
export const TASK_POOL_SIZE = 25;
