import { median, round } from '../report/statistics.ts';
import { runEndToEndOnce } from './e2e.ts';
import type { PartContext, PartResult } from './part.ts';

/** The share of the run over which a size is averaged, so that one garbage collection does not decide it. */
const SHARE = 0.1;

/** How the resident size of API and worker developed during the end-to-end run. */
export async function runMemory(context: PartContext): Promise<PartResult> {
  const { residentMb } = await runEndToEndOnce(context);
  const api = describeSizes(residentMb.api);
  const worker = describeSizes(residentMb.worker);
  const growthPercent = Math.max(api.growth_percent, worker.growth_percent);
  const maxMb = Math.max(api.max_mb, worker.max_mb);
  return {
    api,
    worker,
    growth_percent: growthPercent,
    max_mb: maxMb,
    figures: {
      growth_percent: `API ${api.middle_mb} to ${api.end_mb} MB, worker ${worker.middle_mb} to ${worker.end_mb} MB`,
      max_mb: `API ${api.max_mb} MB, worker ${worker.max_mb} MB`,
    },
  };
}

/** `growth_percent` is that of the second half: from the middle of the run to its end. */
export function describeSizes(sizesMb: readonly number[]) {
  const around = (position: number) => {
    const width = Math.max(1, Math.floor(sizesMb.length * SHARE));
    const start = Math.min(Math.floor(sizesMb.length * position), sizesMb.length - width);
    return median(sizesMb.slice(start, start + width));
  };
  const middleMb = around(0.5 - SHARE / 2);
  const endMb = around(1 - SHARE);
  return {
    start_mb: round(around(0), 0),
    middle_mb: round(middleMb, 0),
    end_mb: round(endMb, 0),
    max_mb: round(Math.max(...sizesMb), 0),
    growth_percent: round((endMb / middleMb - 1) * 100, 1),
  };
}
