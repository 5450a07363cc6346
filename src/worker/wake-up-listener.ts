import pg from 'pg';
import { listenForWakeUps } from '../queue/wake-up.sql.ts';
import { WAKE_UP_CHANNEL } from '../queue/wake-up.ts';
import type { Logger } from '../shared/logging.ts';
import { SuspectSession, sessionGuardOf } from '../shared/session-guard.ts';

const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 10_000;

/**
 * Calls `onWakeUp` when tasks are said to be ready. It has a connection of its own and opens it again when it is lost, or
 * when the others found that its server is no longer the one that is written to; without it (or through a pooler that drops notifications) polling alone does the work.
 */
export function listenForTasks({
  databaseUrl,
  connection,
  log,
  onWakeUp,
}: {
  readonly databaseUrl: string;
  readonly connection: pg.ClientConfig;
  readonly log: Logger;
  readonly onWakeUp: () => void;
}): { stop(): Promise<void> } {
  let client: pg.Client | undefined;
  let retryTimer: NodeJS.Timeout | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let isStopped = false;

  async function connect(): Promise<void> {
    const candidate = new pg.Client(connection);
    client = candidate;
    candidate.on('notification', onWakeUp);
    candidate.on('error', (error) => lose(candidate, error));
    candidate.on('end', () => lose(candidate, new Error('the connection ended')));
    try {
      await candidate.connect();
      await listenForWakeUps(candidate, WAKE_UP_CHANNEL);
      pauseMs = FIRST_PAUSE_MS;
      // Whatever was announced while nobody listened is found by looking.
      onWakeUp();
    } catch (error) {
      lose(candidate, error);
    }
  }

  function lose(lost: pg.Client, error: unknown): void {
    if (client !== lost || isStopped) return;
    client = undefined;
    log.warn({ event: 'worker.listener_lost', error, retry_in_ms: pauseMs });
    lost.end().catch(() => {});
    retryTimer = setTimeout(connect, pauseMs);
    pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
  }

  const unwatch = sessionGuardOf(databaseUrl).onSuspicion(() => {
    if (client) lose(client, new SuspectSession());
  });
  void connect();
  return {
    async stop() {
      isStopped = true;
      unwatch();
      clearTimeout(retryTimer);
      await client?.end().catch(() => {});
    },
  };
}
