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
  let server = await startEmbeddedPostgres({ dataFolder, settings, onNotice: say });
  let keeper = startKeeper(server, dataFolder);
  let isRunning = true;

  /** Watches the server until it ends, having started it again when the one before had ended. */
  async function keep(signal: AbortSignal): Promise<void> {
    if (!isRunning) {
      server = await startEmbeddedPostgres({ dataFolder, settings, port: server.port, onNotice: say });
      keeper = startKeeper(server, dataFolder);
      isRunning = true;
      // Whoever asked us to stop meanwhile has stopped the server before this one.
      if (signal.aborted) await server.stop();
    }
    await server.ended;
    isRunning = false;
    keeper.kill('SIGKILL');
    if (!signal.aborted) say('postgres ended; it is started again.');
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
    // It knows the server's number and nothing else.
    env: {},
  });
}
