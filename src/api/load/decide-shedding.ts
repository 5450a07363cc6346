/** How much a process has to do, at one moment. */
export interface Load {
  /** Requests under way. */
  readonly requestCount: number;
  /** How late the event loop runs what is due. */
  readonly eventLoopDelayMs: number;
  /** The share of the memory that this process may use, from 0 to 1. */
  readonly memoryShare: number;
}

/** The load from which on writes are turned away. */
export interface LoadLimits {
  readonly maxRequestCount: number;
  readonly maxEventLoopDelayMs: number;
  readonly maxMemoryShare: number;
}

export type SheddingReason = 'requests' | 'event_loop' | 'memory';

/**
 * Decides whether a request is turned away because there is too much to do. Pure.
 * Writes go first: they are what costs, and whoever sent one may send it again. Reads, which tell people what became of
 * their money, go when twice the delay, a quarter more requests, or half of the memory that was left is used too.
 */
export function decideShedding(
  load: Load,
  { isWrite, limits }: { readonly isWrite: boolean; readonly limits: LoadLimits },
): SheddingReason | undefined {
  const { maxRequestCount, maxEventLoopDelayMs, maxMemoryShare } = isWrite ? limits : readLimits(limits);
  if (load.requestCount > maxRequestCount) return 'requests';
  if (load.memoryShare > maxMemoryShare) return 'memory';
  if (load.eventLoopDelayMs > maxEventLoopDelayMs) return 'event_loop';
  return undefined;
}

function readLimits({ maxRequestCount, maxEventLoopDelayMs, maxMemoryShare }: LoadLimits): LoadLimits {
  return {
    maxRequestCount: maxRequestCount * 1.25,
    maxEventLoopDelayMs: maxEventLoopDelayMs * 2,
    maxMemoryShare: (1 + maxMemoryShare) / 2,
  };
}
