import { aroundJitter } from '../background/backoff.ts';
import { repeat } from '../background/repeat.ts';
import type { Pool } from '../database/database.ts';
import { recordHeartbeat, removeWorker, type WorkerIdentity } from '../fleet/workers.sql.ts';

const HEARTBEAT_MS = 2000;

export interface Heartbeat {
  /** Whether operators have paused claiming. It does not query the database. */
  isPaused(): boolean;
  stop(): Promise<void>;
}

/**
 * Reports to the database every two seconds that this worker is alive and what it is doing, and reads the switch that pauses claiming.
 * Until the switch has been read once, claiming counts as paused, so that a starting worker never ignores it. If it cannot be read later,
 * the last value stands: while the database is unavailable, nothing can be claimed anyway.
 */
export async function startHeartbeat({
  pool,
  worker,
  describe,
  onChange,
  onError,
}: {
  readonly pool: Pool;
  readonly worker: WorkerIdentity;
  /** What the worker is doing now. */
  readonly describe: () => object;
  readonly onChange: (isPaused: boolean) => void;
  readonly onError: (error: unknown) => void;
}): Promise<Heartbeat> {
  let isPaused: boolean | undefined;

  async function beat(): Promise<void> {
    const wasPaused = isPaused;
    isPaused = await recordHeartbeat(pool, worker, describe());
    if (isPaused !== (wasPaused ?? false)) onChange(isPaused);
  }

  await beat().catch(onError);
  const beats = repeat({
    run: beat,
    firstRun: 'after_a_pause',
    pauseMs: HEARTBEAT_MS,
    jitter: aroundJitter,
    onError,
  });
  return {
    isPaused: () => isPaused ?? true,
    async stop() {
      await beats.stop();
      await removeWorker(pool, worker.id).catch(onError);
    },
  };
}
