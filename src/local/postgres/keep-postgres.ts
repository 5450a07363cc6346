import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { repeat } from '../../background/repeat.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';

const RESTART_PAUSE_MS = 1000;

export interface KeptPostgres {
  readonly databaseUrl: string;
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

/**
 * Runs the embedded Postgres for as long as this process lives. A server that dies is restarted on the same port, and a keeper process
 * stops it if this process is killed.
 * @throws StartError if it does not start the first time.
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
  let server = await startEmbeddedPostgres({ dataFolder, settings, onNotice: say });
  let keeper = startKeeper(server, dataFolder);
  let isRunning = true;

  /** Watches the server, and restarts it each time it ends. */
  async function keep(signal: AbortSignal): Promise<void> {
    if (!isRunning) {
      server = await startEmbeddedPostgres({ dataFolder, settings, port: server.port, onNotice: say });
      keeper = startKeeper(server, dataFolder);
      isRunning = true;
      // If we were asked to stop in the meantime, only the previous server was stopped.
      if (signal.aborted) await server.stop();
    }
    await server.ended;
    isRunning = false;
    keeper.kill('SIGKILL');
    if (!signal.aborted) say('Postgres ended unexpectedly; restarting it.');
  }

  const kept = repeat({
    run: keep,
    firstRun: 'at_once',
    pauseMs: RESTART_PAUSE_MS,
    onError: (error) => say(error instanceof Error ? error.message : String(error)),
  });
  return {
    databaseUrl: server.databaseUrl,
    async stop(mode) {
      const stopped = kept.stop();
      await server.stop(mode);
      await stopped;
    },
  };
}

function startKeeper({ postmasterPid }: EmbeddedPostgres, dataFolder: string): ChildProcess {
  const pidFile = path.resolve(dataFolder, 'cluster', 'postmaster.pid');
  return fork(path.join(import.meta.dirname, 'postgres-keeper.ts'), [String(postmasterPid), pidFile], {
    detached: true,
    stdio: 'ignore',
    // The keeper knows only the server's pid.
    env: {},
  });
}
