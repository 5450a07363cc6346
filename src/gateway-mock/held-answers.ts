import type { Response } from 'express';
import { sleep } from '../background/sleep.ts';

/** Answers that are late or never come. They all end when the mock stops. */
export function createHeldAnswers() {
  const held = new Set<Response>();
  const stopped = new AbortController();

  return {
    /** Waits. @returns false if the mock was stopped before the time was over. */
    async pause(durationMs: number): Promise<boolean> {
      await sleep(durationMs, { signal: stopped.signal });
      return !stopped.signal.aborted;
    },

    /** Keeps a connection open without an answer until the client hangs up, the time is over, or the mock stops. */
    hold(response: Response, limitMs: number): void {
      // If the client has already hung up, no 'close' event will follow.
      if (stopped.signal.aborted || response.destroyed) {
        response.destroy();
        return;
      }
      held.add(response);
      const limit = setTimeout(() => response.destroy(), limitMs);
      response.once('close', () => {
        clearTimeout(limit);
        held.delete(response);
      });
    },

    releaseAll(): void {
      stopped.abort();
      for (const response of held) response.destroy();
    },
  };
}

export type HeldAnswers = ReturnType<typeof createHeldAnswers>;
