import { totalmem } from 'node:os';
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { repeat } from '../../background/repeat.ts';
import type { Load } from './decide-shedding.ts';

type Reading = Omit<Load, 'requestCount'>;

const SAMPLE_INTERVAL_MS = 250;
const RESOLUTION_MS = 20;

/**
 * Measures how busy this process is. It samples a few times a second, so requests pay nothing for it. The delay is the median of a sample,
 * so that a single pause (a long garbage collection, a process that was stopped and continued) does not look like overload. The heap is
 * measured after a full collection: V8 lets garbage pile up to the limit before it collects, and a heap full of garbage is no overload
 * either.
 */
export function startLoadMeter({ onError }: { readonly onError: (error: unknown) => void }) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const heapLimitBytes = getHeapStatistics().heap_size_limit;
  const memoryLimitBytes = readMemoryLimit();
  let liveHeapBytes = 0;
  let latest: Reading = { eventLoopDelayMs: 0, memoryShare: 0 };

  const collections = new PerformanceObserver((list) => {
    if (list.getEntries().some(isFullCollection)) liveHeapBytes = getHeapStatistics().used_heap_size;
  });
  collections.observe({ entryTypes: ['gc'] });

  async function takeSample(): Promise<void> {
    // The histogram records the time between two of its timers, which should be RESOLUTION_MS.
    const medianMs = delays.percentile(50) / 1e6;
    delays.reset();
    latest = {
      eventLoopDelayMs: Math.max(0, medianMs - RESOLUTION_MS),
      memoryShare: Math.max(liveHeapBytes / heapLimitBytes, process.memoryUsage.rss() / memoryLimitBytes),
    };
  }

  const samples = repeat({
    run: takeSample,
    firstRun: 'after_a_pause',
    pauseMs: SAMPLE_INTERVAL_MS,
    keepsProcessAlive: false,
    onError,
  });

  return {
    read: (): Reading => latest,
    async stop(): Promise<void> {
      await samples.stop();
      collections.disconnect();
      delays.disable();
    },
  };
}

export type LoadMeter = ReturnType<typeof startLoadMeter>;

function isFullCollection(entry: object): boolean {
  const detail = 'detail' in entry ? (entry.detail as { readonly kind?: number }) : undefined;
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

/** The container's limit, if there is one, otherwise the machine's memory. */
function readMemoryLimit(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
