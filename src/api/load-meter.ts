import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Load } from './decide-shedding.ts';

const SAMPLE_INTERVAL_MS = 250;
const RESOLUTION_MS = 20;

/**
 * Measures how busy this process is. Readings are made a few times a second and cost a request nothing.
 * The delay is the median of a sample, so that a single pause (a long garbage collection, a process that was stopped
 * and continued) is not taken for overload.
 */
export function startLoadMeter() {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const heapLimitBytes = getHeapStatistics().heap_size_limit;
  const memoryLimitBytes = readMemoryLimit();
  let latest: Omit<Load, 'requestCount'> = { eventLoopDelayMs: 0, memoryShare: 0 };

  const timer = setInterval(() => {
    // What the histogram holds are the times between two of its timers, and those should be RESOLUTION_MS apart.
    const medianMs = delays.percentile(50) / 1e6;
    delays.reset();
    const { heapUsed, rss } = process.memoryUsage();
    latest = {
      eventLoopDelayMs: Math.max(0, medianMs - RESOLUTION_MS),
      memoryShare: Math.max(heapUsed / heapLimitBytes, rss / memoryLimitBytes),
    };
  }, SAMPLE_INTERVAL_MS);
  timer.unref();

  return {
    read: (): Omit<Load, 'requestCount'> => latest,
    stop(): void {
      clearInterval(timer);
      delays.disable();
    },
  };
}

export type LoadMeter = ReturnType<typeof startLoadMeter>;

/** The limit of the container, if there is one, or all the memory of the machine. */
function readMemoryLimit(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
