import type { Pool } from '../../database/database.ts';
import { claimWaitingEvents } from './gateway-events.sql.ts';
import { processGatewayEvents } from './process-gateway-events.ts';

/**
 * Processes stored events that the process that stored them did not get to. Any number of workers may do this at once.
 * @returns how many it took; if that equals `limit`, there may be more.
 */
export async function sweepGatewayEvents(
  pool: Pool,
  options: { readonly limit: number; readonly claimMs: number },
): Promise<Awaited<ReturnType<typeof processGatewayEvents>> & { readonly takenCount: number }> {
  const keys = await claimWaitingEvents(pool, options);
  if (keys.length === 0) return { processed: [], failed: [], takenCount: 0 };
  return { ...(await processGatewayEvents(pool, keys)), takenCount: keys.length };
}
