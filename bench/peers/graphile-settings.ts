export const GRAPHILE_TASK = 'settle';

/** The configuration of the documentation's own performance figures: https://worker.graphile.org/docs/performance */
export const SPEED_SETTINGS = {
  concurrentJobs: 24,
  maxPoolSize: 25,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
} as const;

/** The tasks use the worker's own pool, so that none of them waits for a connection. */
export const POOL_SIZE = SPEED_SETTINGS.maxPoolSize;
