import { repeat } from '../../background/repeat.ts';
import type { Pool } from '../database.ts';
import { pingDatabase } from '../database-state.ts';

const BEAT_MS = 500;

/**
 * Notices a database that accepts connections but gives no answer (suspended, out of disk, behind a dead router). Without this, each
 * request would wait until its own deadline, with others queueing behind it. A database that refuses connections needs no watching: every
 * call notices at once.
 */
export function startDatabasePulse({
  pool,
  hungAfterMs,
  onHung,
  onAnswer,
  onError,
}: {
  /** Its own pool, so that a busy pool does not look like a hanging database. */
  readonly pool: Pool;
  readonly hungAfterMs: number;
  readonly onHung: () => void;
  /** Fires when the database answers again. */
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
      // A quick refusal is an answer too; a slow failure is another wait in vain.
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

  /** Do not wait for the answer: its absence is what we are looking for. */
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
