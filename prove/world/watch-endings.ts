import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../src/database/database.ts';
import { readEndings, readOverdrafts } from './read-world.sql.ts';
import type { SeenEnding } from './world.ts';

const PAUSE_MS = 700;

/**
 * Watches during the run and remembers each final status that was ever seen: a payment that ended twice, first one
 * way and then the other, would look right at the end.
 */
export function watchEndings(pool: Pool, signal: AbortSignal) {
  const endings = new Map<string, SeenEnding>();
  const overdrafts = new Set<string>();
  let isDoubtful = false;
  /** Counts the times that doubt begins or ends, so that a look that overlaps either is recognised. */
  let doubtCount = 0;

  function beginLook(): (ending: SeenEnding) => void {
    const countBefore = doubtCount;
    return (ending) => {
      if (isDoubtful || doubtCount !== countBefore) return;
      const { paymentId, status, seenBy } = ending;
      endings.set(`${paymentId} ${status} ${seenBy}`, ending);
    };
  }

  async function look(): Promise<void> {
    const see = beginLook();
    for (const { paymentId, status } of await readEndings(pool))
      see({ paymentId, status, seenBy: 'database' });
    for (const overdraft of await readOverdrafts(pool)) overdrafts.add(overdraft);
  }

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      // The database is away now and then, which tells nothing.
      await look().catch(() => {});
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }

  return {
    watching: watch(),
    /** Call it before looking; it returns a function that takes what was seen. */
    beginLook,
    /** While the server shows what its standby may never get, what is seen does not count. */
    doubt(given: boolean): void {
      if (isDoubtful !== given) doubtCount += 1;
      isDoubtful = given;
    },
    seenEndings: (): SeenEnding[] => [...endings.values()],
    seenOverdrafts: (): string[] => [...overdrafts],
  };
}

export type EndingsWatch = ReturnType<typeof watchEndings>;
