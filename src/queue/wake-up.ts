import { repeat } from '../background/repeat.ts';
import type { Pool } from '../database/database.ts';
import { sendWakeUp } from './notify-and-listen.sql.ts';

/** The channel that tells workers that tasks are ready. */
export const WAKE_UP_CHANNEL = 'tollgate_payment_tasks';

/**
 * Tells workers that there is work, at most once in `intervalMs`: at once if the last call is longer ago, otherwise when the interval has
 * passed. It is sent outside the business transaction, because a NOTIFY inside it takes a database-wide lock at commit. A lost wake-up only
 * costs one poll interval.
 */
export function createWakeUpSender(
  pool: Pool,
  {
    intervalMs = 20,
    onError = () => {},
  }: { readonly intervalMs?: number; readonly onError?: (error: unknown) => void } = {},
) {
  const sending = repeat({
    run: () => sendWakeUp(pool, WAKE_UP_CHANNEL),
    firstRun: 'after_a_pause',
    // The caller need not wait for it.
    pauseMs: Number.POSITIVE_INFINITY,
    restMs: intervalMs,
    keepsProcessAlive: false,
    onError,
  });
  return { wake: sending.wake, stop: sending.stop };
}
