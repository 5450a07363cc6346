import pg from 'pg';
import { aroundJitter, backoffMs } from '../background/backoff.ts';
import { type NextRun, repeat } from '../background/repeat.ts';
import { sleep } from '../background/sleep.ts';
import { SuspectSession, sessionGuardOf } from '../database/sessions/session-guard.ts';
import { listenForWakeUps } from '../queue/notify-and-listen.sql.ts';
import { WAKE_UP_CHANNEL } from '../queue/wake-up.ts';
import type { Logger } from '../telemetry/logging.ts';

/** How often to check the connection. */
const LOOK_MS = 15_000;
/** How long the server may take to close the connection. */
const GOODBYE_MS = 500;
const PAUSES = { baseMs: 200, maxMs: 10_000, jitter: aroundJitter };

/**
 * Calls `onWakeUp` when a notification says that tasks are ready. It has its own connection and reopens it if it is lost, or if other
 * sessions find that its server is no longer the primary. A connection that only listens would not notice a loss, so it sends a query now
 * and then. Without this listener, or through a pooler that drops notifications, polling alone does the work.
 */
export function listenForTasks({
  databaseUrl,
  connection,
  log,
  onWakeUp,
  lookMs = LOOK_MS,
}: {
  readonly databaseUrl: string;
  readonly connection: pg.ClientConfig;
  readonly log: Logger;
  readonly onWakeUp: () => void;
  readonly lookMs?: number;
}): { stop(): Promise<void> } {
  /** Since the last time it was listening. */
  let failureCount = 0;

  /** Listens until the connection is lost or can no longer be trusted. */
  async function listen(signal: AbortSignal): Promise<NextRun> {
    const client = new pg.Client(connection);
    const over = Promise.withResolvers<void>();
    over.promise.catch(() => {});
    client.on('notification', onWakeUp);
    client.on('error', over.reject);
    client.on('end', () => over.reject(new Error('the connection ended')));
    const unwatch = sessionGuardOf(databaseUrl).onSuspicion(() => over.reject(new SuspectSession()));
    const stop = () => over.resolve();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const opening = open(client);
      opening.catch(() => {});
      await Promise.race([opening, over.promise]);
      failureCount = 0;
      // Look now, to find what was announced while nobody was listening.
      onWakeUp();
      const looks = repeat({
        // This has no effect if it is already listening.
        run: () => listenForWakeUps(client, WAKE_UP_CHANNEL),
        pauseMs: lookMs,
        firstRun: 'after_a_pause',
        onError: over.reject,
        signal,
      });
      await over.promise.finally(() => void looks.stop());
      return undefined;
    } catch (error) {
      return comeBackAfter(error);
    } finally {
      unwatch();
      signal.removeEventListener('abort', stop);
      const ended = client.end().catch(() => {});
      // Do not wait for a server that is gone.
      if (signal.aborted) await Promise.race([ended, sleep(GOODBYE_MS)]);
      client.connection.stream.destroy();
    }
  }

  function comeBackAfter(error: unknown): NextRun {
    failureCount += 1;
    const inMs = backoffMs(failureCount, PAUSES);
    log.warn({ event: 'worker.listener_lost', error, retry_in_ms: inMs });
    return { inMs };
  }

  return repeat({ run: listen, firstRun: 'at_once', pauseMs: PAUSES.baseMs, onError: comeBackAfter });
}

async function open(client: pg.Client): Promise<void> {
  await client.connect();
  await listenForWakeUps(client, WAKE_UP_CHANNEL);
}
