import { type Pool, pingDatabase } from './database.ts';

const BEAT_MS = 500;

/**
 * Notices a database that takes connections and gives no answer (stopped, out of disk, behind a dead router). One that
 * refuses connections needs no watching: every call finds out at once. Without this, each request would wait out its own
 * deadline, and the next ones behind it.
 */
export function startDatabasePulse({
  pool,
  hungAfterMs,
  onHung,
  onAnswer,
}: {
  /** A pool of its own, so that a busy one is not taken for a database that hangs. */
  readonly pool: Pool;
  readonly hungAfterMs: number;
  readonly onHung: () => void;
  /** Fires when it answers again. */
  readonly onAnswer: () => void;
}) {
  let isAsking = false;
  let unansweredSince: number | undefined;
  let isHung = false;

  async function ask(): Promise<void> {
    isAsking = true;
    const askedAt = performance.now();
    unansweredSince ??= askedAt;
    try {
      await pingDatabase(pool, hungAfterMs * 2);
      unansweredSince = undefined;
    } catch {
      // A quick refusal is an answer too; what took long was another wait for nothing.
      if (performance.now() - askedAt < hungAfterMs / 2) unansweredSince = undefined;
    }
    isAsking = false;
    note();
  }

  function note(): void {
    const wasHung = isHung;
    isHung = unansweredSince !== undefined && performance.now() - unansweredSince >= hungAfterMs;
    if (isHung && !wasHung) onHung();
    if (wasHung && !isHung) onAnswer();
  }

  const timer = setInterval(() => {
    note();
    if (!isAsking) void ask();
  }, BEAT_MS);
  timer.unref();

  return {
    isHung: () => isHung,
    stop: () => clearInterval(timer),
  };
}

export type DatabasePulse = ReturnType<typeof startDatabasePulse>;
