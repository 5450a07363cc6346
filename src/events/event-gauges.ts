import type { Pool } from '../database/database.ts';
import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { Sampler } from '../telemetry/sampling.ts';
import { selectEventsSample } from './sample-events.sql.ts';

/** Gauges of what keeps readers of events waiting. */
export function createEventGauges({
  pool,
  registry,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
}): Sampler {
  const registers = [registry];
  const heldBack = new Gauge({
    name: 'tollgate_events_held_back_seconds',
    help: 'How long the oldest open transaction that writes has been open: readers see no event that was written since it began. The label says whose it is.',
    labelNames: ['application'],
    registers,
  });
  const otherDays = new Gauge({
    name: 'tollgate_events_without_day',
    help: '1 if events were written for a day that had no table yet; they are moved there when it is made.',
    registers,
  });

  return async () => {
    const { oldestWriter, hasEventsOfOtherDays } = await selectEventsSample(pool);
    // One series at a time: applications choose their names freely.
    heldBack.reset();
    if (oldestWriter)
      heldBack.set({ application: oldestWriter.application }, Math.max(0, oldestWriter.openSeconds));
    else heldBack.set({ application: '' }, 0);
    otherDays.set(hasEventsOfOtherDays ? 1 : 0);
  };
}
