import type { Response } from 'express';

/** Longer than any client waits; then the connection is cut, so that forgotten clients do not pile up. */
const MAX_HOLD_MS = 30_000;

/** Answers that never come: each connection stays open until its client hangs up, the limit passes, or the mock stops. */
export function createHeldAnswers() {
  const held = new Set<Response>();
  return {
    hold(response: Response): void {
      held.add(response);
      const limit = setTimeout(() => response.destroy(), MAX_HOLD_MS);
      response.once('close', () => {
        clearTimeout(limit);
        held.delete(response);
      });
    },
    releaseAll(): void {
      for (const response of held) response.destroy();
    },
  };
}

export type HeldAnswers = ReturnType<typeof createHeldAnswers>;
