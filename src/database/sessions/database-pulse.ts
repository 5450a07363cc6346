import { repeat } from '../../background/repeat.ts';
import { type Pool, pingDatabase } from '../database.ts';

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
  onError,
}: {
  /** A pool of its own, so that a busy one is not taken for a database that hangs. */
  readonly pool: Pool;
  readonly hungAfterMs: number;
  readonly onHung: () => void;
  /** Fires when it answers again. */
  readonly onAnswer: () => void;
  readonly onError: (error: unknown) => void;
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

  /** It waits for no answer: that one does not come is what is looked for. */
  async function beat(): Promise<void> {
    note();
    if (!isAsking) void ask();
  }

  const beats = repeat({
    run: beat,
    firstRun: 'after_a_pause',
    pauseMs: BEAT_MS,
    keepsProcessAlive: false,
    onError,
  });
  return { isHung: () => isHung, stop: beats.stop };
}

export type DatabasePulse = ReturnType<typeof startDatabasePulse>;
