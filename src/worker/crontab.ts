import { parseCronItems, type Runner, run, type TaskList } from 'graphile-worker';
import pg from 'pg';
import { repeat } from '../background/repeat.ts';
import { guardPool, sessionGuardOf } from '../database/sessions/session-guard.ts';
import type { Logger } from '../telemetry/logging.ts';
import { createGraphileLogger } from './graphile-logger.ts';
import type { Maintenance } from './maintenance.ts';

const RESTART_PAUSE_MS = 5000;

/**
 * The jobs that graphile-worker runs on a schedule, once in the whole fleet. Rescue and inquiries also run in every worker every few
 * seconds; here they are the backstop.
 */
const SCHEDULE: readonly { readonly task: keyof Maintenance; readonly cron: string }[] = [
  { task: 'rescue', cron: '* * * * *' },
  { task: 'askAboutUnknown', cron: '* * * * *' },
  { task: 'foldSystemAccounts', cron: '* * * * *' },
  { task: 'checkIntegrity', cron: '* * * * *' },
  { task: 'reconcile', cron: '30 2 * * *' },
  { task: 'expireStoredResponses', cron: '17 * * * *' },
  { task: 'fetchRates', cron: '*/5 * * * *' },
  { task: 'keepEventDays', cron: '8 * * * *' },
  { task: 'prune', cron: '4,14,24,34,44,54 * * * *' },
];
/** Also done when a worker starts: until there are rates, nobody can convert anything. Workers that start together do it once. */
const AT_START: readonly (keyof Maintenance)[] = ['fetchRates', 'keepEventDays'];

/** Runs the crontab until it is stopped. Missed runs are not made up for, because every run of a job handles everything that is due. */
export async function startCrontab({
  databaseUrl,
  connection,
  maintenance,
  log,
}: {
  readonly databaseUrl: string;
  readonly connection: pg.ClientConfig;
  readonly maintenance: Maintenance;
  readonly log: Logger;
}): Promise<{ stop(): Promise<void> }> {
  // Its own pool: its connections receive notifications and must not come from the hot path.
  const pool = new pg.Pool({ ...connection, max: 3 });
  const onLost = (error: Error) => log.warn({ event: 'worker.crontab_connection_lost', error });
  pool.on('error', onLost);
  pool.on('connect', (client) => client.on('error', onLost));
  guardPool(pool, sessionGuardOf(databaseUrl));
  const taskList: TaskList = Object.fromEntries(
    SCHEDULE.map(({ task }) => [task, async () => void (await maintenance[task]())]),
  );
  const start = async (): Promise<Runner> => {
    const runner = await run({
      pgPool: pool,
      taskList,
      parsedCronItems: parseCronItems(
        SCHEDULE.map(({ task, cron }) => ({
          task,
          match: cron,
          // The next run does the same work, so a waiting run is replaced, and a failed one is not repeated.
          options: { backfillPeriod: 0, maxAttempts: 1, jobKey: task, jobKeyMode: 'replace' as const },
        })),
      ),
      // A reconciliation may take long; the other jobs must not wait for it.
      concurrency: 2,
      // Without a batch, graphile-worker does not await its record that a job is done: if the database is unavailable at that moment, the
      // unhandled rejection would end the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      noHandleSignals: true,
      logger: createGraphileLogger(log),
    });
    // The schedule comes back to it, whatever keeps it from being done now.
    for (const task of AT_START)
      await runner
        .addJob(task, {}, { maxAttempts: 1, jobKey: task, jobKeyMode: 'replace' })
        .catch((error) => log.warn({ event: 'worker.crontab_job_lost', task, error }));
    return runner;
  };

  let runner: Runner | undefined = await start();

  /** graphile-worker stops itself if it cannot record a job's result; then it is restarted. */
  async function keepRunning(signal: AbortSignal): Promise<void> {
    if (!runner) {
      runner = await start();
      log.info({ event: 'worker.crontab_restarted' });
    }
    const current = runner;
    const stop = () => void current.stop().catch(() => {});
    signal.addEventListener('abort', stop, { once: true });
    // It may have been started while it was being stopped.
    if (signal.aborted) stop();
    try {
      await current.promise;
    } finally {
      signal.removeEventListener('abort', stop);
      runner = undefined;
    }
  }

  const running = repeat({
    run: keepRunning,
    firstRun: 'at_once',
    pauseMs: RESTART_PAUSE_MS,
    onError: (error) => log.error({ event: 'worker.crontab_failed', error }),
  });
  return {
    async stop() {
      await running.stop();
      await runner?.stop().catch(() => {});
      await pool.end();
    },
  };
}
