import type { Response } from 'express';

/** Answers that are late, or never come. All of them end when the mock stops. */
export function createHeldAnswers() {
  const waiting = new Set<() => void>();
  const held = new Set<Response>();
  let isStopped = false;

  return {
    /** Waits; false when the mock was stopped before the time was over. */
    async pause(durationMs: number): Promise<boolean> {
      if (isStopped || durationMs <= 0) return !isStopped;
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, durationMs);
        waiting.add(end);
      });
      return !isStopped;
    },

    /** Keeps a connection open without an answer until its client hangs up, the time is over, or the mock stops. */
    hold(response: Response, limitMs: number): void {
      // A client that hung up before now sends no further 'close'.
      if (isStopped || response.destroyed) {
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
      isStopped = true;
      for (const end of [...waiting]) end();
      for (const response of held) response.destroy();
    },
  };
}

export type HeldAnswers = ReturnType<typeof createHeldAnswers>;
