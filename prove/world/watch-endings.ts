import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../src/database/database.ts';
import { readEndings, readOverdrafts } from './read-world.sql.ts';
import type { SeenEnding } from './world.ts';

const PAUSE_MS = 700;

/**
 * Watches while everything goes on, and remembers each terminal status that was ever seen: a payment that ended twice, one
 * way and then the other, would look right in the end.
 */
export function watchEndings(pool: Pool, signal: AbortSignal) {
  const endings = new Map<string, SeenEnding>();
  const overdrafts = new Set<string>();
  let isDoubtful = false;
  /** Goes up whenever doubt begins or ends, so that a look which met both is known. */
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
      // The database is away now and then; that is no news.
      await look().catch(() => {});
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }

  return {
    watching: watch(),
    /** Called before a look; the function that it gives takes what was seen. */
    beginLook,
    /** What is seen while a server shows what its standby may never get counts for nothing. */
    doubt(given: boolean): void {
      if (isDoubtful !== given) doubtCount += 1;
      isDoubtful = given;
    },
    seenEndings: (): SeenEnding[] => [...endings.values()],
    seenOverdrafts: (): string[] => [...overdrafts],
  };
}

export type EndingsWatch = ReturnType<typeof watchEndings>;
