import path from 'node:path';
import { migrateToLatest } from '../database/migrate.ts';
import { asRunningRole, prepareRunningRole } from '../database/sessions/running-role.ts';
import type { Config } from '../process/settings/config.ts';
import { renderBanner } from './banner.ts';
import { connectOrExplain } from './connect-or-explain.ts';
import { describeStack } from './describe-stack.ts';
import { explainEmptyStart } from './explain-empty-start.ts';
import { type KeptPostgres, keepPostgres } from './postgres/keep-postgres.ts';
import { forgetRunningStack, noteRunningStack } from './running-stack.ts';
import { listParts } from './stack-parts.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

export interface StackOptions {
  readonly config: Config;
  readonly dataFolder: string;
  readonly onLine: (name: string, line: string) => void;
}

/** Everything that `npm start` runs, as one thing that can be started and stopped. */
export function createStack({ config, dataFolder, onLine }: StackOptions) {
  const abort = new AbortController();
  let postgres: KeptPostgres | undefined;
  let supervisor: Supervisor | undefined;
  let starting: Promise<string | undefined> | undefined;
  let stopping: Promise<void> | undefined;
  const say = (line: string) => onLine('tollgate', line);

  async function startEverything(): Promise<string | undefined> {
    if (!config.database.url) {
      const folder = path.join(dataFolder, 'postgres');
      postgres = await keepPostgres({ dataFolder: folder, say: (line) => onLine('postgres', line) });
    }
    const databaseUrl = config.database.url ?? (postgres?.databaseUrl as string);
    const ownerUrl = config.database.url ? (config.database.migrationUrl ?? databaseUrl) : databaseUrl;
    // Every start sets a new password, which only the running processes receive.
    const runningUrl = config.database.url ?? asRunningRole(databaseUrl);
    if (stopping) return undefined;
    await connectOrExplain(ownerUrl, say, abort.signal);
    if (stopping) return undefined;
    const newDatabase = postgres ? explainEmptyStart(dataFolder) : undefined;
    const migrations = await migrateToLatest(ownerUrl, { newDatabase });
    for (const name of migrations) onLine('migrate', `ran ${name}`);
    await prepareRunningRole({ ownerUrl, runningUrl, changesPassword: postgres !== undefined });
    if (stopping) return undefined;
    const parts = listParts(config, { databaseUrl: runningUrl, dataFolder });
    supervisor = createSupervisor({ parts, onLine });
    await supervisor.start();
    if (stopping) return undefined;
    const database = { databaseUrl, isEmbedded: postgres !== undefined };
    note(database);
    return renderBanner(config, database);
  }

  function note(database: Parameters<typeof describeStack>[1]): void {
    try {
      noteRunningStack(dataFolder, describeStack(config, database));
    } catch (error) {
      // Not fatal: payments work all the same.
      say(`The command line will not find this stack: ${(error as Error).message}`);
    }
  }

  async function stopEverything(): Promise<void> {
    abort.abort();
    forgetRunningStack(dataFolder);
    await supervisor?.stop();
    // A start step that cannot be interrupted, such as a migration, may finish first.
    await starting?.catch(() => {});
    await postgres?.stop();
  }

  return {
    /**
     * Starts everything; returns the banner once all parts are ready, or undefined if the stack was stopped in the meantime.
     * @throws StartError if something does not start; everything else has then been stopped.
     */
    async start(): Promise<string | undefined> {
      starting = startEverything();
      try {
        return await starting;
      } catch (error) {
        const wasAskedToStop = stopping !== undefined;
        await this.stop();
        if (wasAskedToStop) return undefined;
        throw error;
      }
    },

    /** Stops worker, API and mock in this order, each after it has finished what is in progress, then Postgres. */
    stop(): Promise<void> {
      stopping ??= stopEverything();
      return stopping;
    },

    /** Stops everything at once, like a crash. */
    async kill(): Promise<void> {
      forgetRunningStack(dataFolder);
      supervisor?.kill();
      await postgres?.stop('immediate');
    },
  };
}
