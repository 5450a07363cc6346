import { aroundJitter } from '../background/backoff.ts';
import { repeat } from '../background/repeat.ts';
import type { Pool } from '../database/database.ts';
import { recordHeartbeat, removeWorker, type WorkerIdentity } from '../fleet/workers.sql.ts';

const HEARTBEAT_MS = 2000;

export interface Heartbeat {
  /** Whether people have stopped claiming. It asks no database. */
  isPaused(): boolean;
  stop(): Promise<void>;
}

/**
 * Tells the database every two seconds that this worker lives and what it does, and reads the switch that stops claiming.
 * Until the switch has been read for the first time, it counts as set: a worker that starts must not run past it. When it
 * cannot be read later, the last word stands, because a database that is away gives no claims either.
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
  /** What the worker does now. */
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
