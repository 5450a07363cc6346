import { repeat } from '../background/repeat.ts';
import { sleep } from '../background/sleep.ts';
import type { EventGate, Opening } from './gate.sql.ts';

export interface EventWatch {
  /**
   * How far readers may read, with all that was committed before the call, unless a writer that began before it stays open for long: then
   * after a moment, without what it may still write.
   */
  reach(): Promise<Opening>;
  /**
   * Waits until readers may read further.
   * @returns how far; undefined if the wait ended before: after `forMs`, by the signal, or because the watch stops.
   */
  waitBeyond(
    opening: Opening,
    options: { readonly forMs: number; readonly signal: AbortSignal },
  ): Promise<Opening | undefined>;
  /** Ends all waits, and any that begins later. */
  stop(): Promise<void>;
}

/** Between two looks while somebody waits and nothing happens, and while ids are out that are not decided. */
const INTERVAL_MS = 100;
const EAGER_MS = 20;
/** A database that is away is not asked that often. */
const PAUSE_AFTER_ERROR_MS = 1000;
/** The longest wait for writers of somebody who reads now. */
const REACH_MS = 500;

/**
 * Looks at the gate for all who wait for events in this process: one query at a time, and only while somebody waits. A wait holds no
 * connection. A NOTIFY with each event would take a lock of the whole database at every commit.
 */
export function watchEvents({
  gate,
  onError,
}: {
  readonly gate: EventGate;
  readonly onError: (error: unknown) => void;
}): EventWatch {
  const waits = new Set<{ readonly known: Opening; readonly end: (opening?: Opening) => void }>();
  let isStopping = false;

  const looks = repeat({
    async run() {
      if (waits.size === 0) return { inMs: Number.POSITIVE_INFINITY };
      const opening = await gate.look();
      for (const { known, end } of [...waits]) if (isBeyond(opening, known)) end(opening);
      return { inMs: opening.upTo < opening.handedOut ? EAGER_MS : INTERVAL_MS };
    },
    firstRun: 'after_a_pause',
    pauseMs: PAUSE_AFTER_ERROR_MS,
    restMs: EAGER_MS,
    keepsProcessAlive: false,
    onError,
  });

  return {
    async reach() {
      const untilMs = performance.now() + REACH_MS;
      let opening = await gate.look();
      const wanted = opening.handedOut;
      for (let pauseMs = 1; opening.upTo < wanted && performance.now() < untilMs; pauseMs *= 2) {
        await sleep(Math.min(pauseMs, EAGER_MS));
        opening = await gate.look();
      }
      return opening;
    },
    async waitBeyond(known, { forMs, signal }) {
      if (isStopping || signal.aborted || forMs <= 0) return undefined;
      return await new Promise((resolve) => {
        const end = (opening?: Opening) => {
          waits.delete(wait);
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          resolve(opening);
        };
        const giveUp = () => end();
        const wait = { known, end };
        const timer = setTimeout(giveUp, forMs);
        signal.addEventListener('abort', giveUp);
        waits.add(wait);
        looks.wake();
      });
    },
    async stop() {
      isStopping = true;
      for (const { end } of [...waits]) end();
      await looks.stop();
    },
  };
}

/** Another server, or the same one after a crash, begins anew. */
function isBeyond(opening: Opening, known: Opening): boolean {
  return opening.upTo > (opening.serverRun === known.serverRun ? known.upTo : 0n);
}
