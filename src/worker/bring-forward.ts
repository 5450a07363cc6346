import type { Pool } from '../database/database.ts';
import { bringRedrivesForward } from '../dead-letters/bulk-redrives.sql.ts';
import { bringEventsForward } from '../payments/callbacks/gateway-events.sql.ts';
import { bringInquiriesForward } from '../payments/unknown/inquiries.sql.ts';
import { bringLeasesForward, bringTasksForward } from '../queue/bring-forward.sql.ts';

const HOUR_MS = 3_600_000;
/** Twice the longest pause of each kind: a gateway may ask for an hour, and the last inquiries are a day apart. */
const MOST_TASK_PAUSE_MS = 2 * HOUR_MS;
const MOST_INQUIRY_PAUSE_MS = 48 * HOUR_MS;
const LIMIT = 500;

/**
 * Makes things due that are scheduled too far ahead because the clock was ahead and then set back: a payment must not wait for a year
 * because the clock was wrong for a minute. If there is nothing to do, each check costs one index lookup.
 * @returns how many tasks, inquiries, callbacks and redrive slices were rescheduled.
 */
export async function bringForward(
  pool: Pool,
  gateways: readonly { readonly gatewayName: string | null; readonly longestPauseMs: number }[],
  { leaseMs }: { readonly leaseMs: number },
): Promise<number> {
  let atGateways = 0;
  for (const { gatewayName, longestPauseMs } of gateways) {
    const mostMs = Math.max(MOST_TASK_PAUSE_MS, 2 * longestPauseMs, 2 * leaseMs);
    const limits = { limit: LIMIT, gatewayName };
    atGateways += await bringTasksForward(pool, { ...limits, mostMs });
    atGateways += await bringInquiriesForward(pool, { ...limits, mostMs: MOST_INQUIRY_PAUSE_MS });
  }
  const leases = await bringLeasesForward(pool, {
    mostMs: Math.max(MOST_TASK_PAUSE_MS, 2 * leaseMs),
    leaseMs,
    limit: LIMIT,
  });
  const events = await bringEventsForward(pool, { mostMs: MOST_TASK_PAUSE_MS, limit: LIMIT });
  const redrives = await bringRedrivesForward(pool, { mostMs: MOST_TASK_PAUSE_MS });
  return atGateways + leases + events + redrives;
}
