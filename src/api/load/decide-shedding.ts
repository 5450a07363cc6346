/** How busy a process is at one moment. */
export interface Load {
  /** Requests in progress. */
  readonly requestCount: number;
  /** How late the event loop is, in milliseconds. */
  readonly eventLoopDelayMs: number;
  /** The share of this process's memory limit that is in use, from 0 to 1. */
  readonly memoryShare: number;
}

/** The load at which writes are turned away. */
export interface LoadLimits {
  readonly maxRequestCount: number;
  readonly maxEventLoopDelayMs: number;
  readonly maxMemoryShare: number;
}

export type SheddingReason = 'requests' | 'event_loop' | 'memory';

/**
 * Decides whether to turn a request away because the process is overloaded. Pure. Writes are turned away first: they are expensive, and
 * clients can retry them. Reads, which tell people what became of their money, are turned away only at twice the delay, a quarter more
 * requests, or when half of the remaining memory is used too.
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
