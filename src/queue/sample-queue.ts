import type { Pool } from '../database/database.ts';
import { type QueueCounts, selectQueueSample } from './sample-queue.sql.ts';

/** Where counts stop. A deeper queue is reported as this deep, so that sampling never becomes a load itself. */
export const SAMPLE_LIMIT = 10_000;

export interface QueueSample extends QueueCounts {
  /** Whether a count stopped at SAMPLE_LIMIT. */
  readonly isCapped: boolean;
}

/** Samples the queue; each count reads at most SAMPLE_LIMIT index entries. */
export async function sampleQueue(pool: Pool): Promise<QueueSample> {
  const sample = await selectQueueSample(pool, SAMPLE_LIMIT);
  const counts = [
    sample.readyCount,
    sample.scheduledCount,
    sample.runningCount,
    Object.values(sample.deadLetterCounts).reduce((sum, count) => sum + count, 0),
    sample.unknownCount,
    sample.needsReviewCount,
    sample.openDifferenceCount,
    sample.waitingCallbackCount,
  ];
  return { ...sample, isCapped: counts.some((count) => count >= SAMPLE_LIMIT) };
}
