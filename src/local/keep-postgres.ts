import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';

const RESTART_PAUSE_MS = 1000;

export interface KeptPostgres {
  readonly databaseUrl: string;
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

/**
 * Runs the embedded Postgres for as long as this process lives: a server that dies is started again on the same port, and
 * a keeper process stops it should this process be killed.
 * @throws StartError when it does not start the first time.
 */
export async function keepPostgres({
  dataFolder,
  say,
  settings = {},
}: {
  readonly dataFolder: string;
  readonly say: (line: string) => void;
  /** Server settings that differ from the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
}): Promise<KeptPostgres> {
  let isStopping = false;
  let server = await startEmbeddedPostgres({ dataFolder, settings, onNotice: say });
  let keeper = startKeeper(server, dataFolder);
  const keeping = restartWhenItDies();

  async function restartWhenItDies(): Promise<void> {
    for (;;) {
      await server.ended;
      keeper.kill('SIGKILL');
      if (isStopping) return;
      say('postgres ended; it is started again.');
      await sleep(RESTART_PAUSE_MS);
      if (isStopping) return;
      await restart();
    }
  }

  async function restart(): Promise<void> {
    try {
      server = await startEmbeddedPostgres({ dataFolder, settings, port: server.port, onNotice: say });
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      return;
    }
    keeper = startKeeper(server, dataFolder);
    // Whoever asked us to stop meanwhile has stopped the server before this one.
    if (isStopping) await server.stop();
  }

  return {
    databaseUrl: server.databaseUrl,
    async stop(mode) {
      isStopping = true;
      await server.stop(mode);
      await keeping;
    },
  };
}

function startKeeper({ postmasterPid }: EmbeddedPostgres, dataFolder: string): ChildProcess {
  const pidFile = path.resolve(dataFolder, 'cluster', 'postmaster.pid');
  return fork(path.join(import.meta.dirname, 'postgres-keeper.ts'), [String(postmasterPid), pidFile], {
    detached: true,
    stdio: 'ignore',
    // It knows the server's number and nothing else.
    env: {},
  });
}
