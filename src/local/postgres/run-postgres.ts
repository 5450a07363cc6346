import { type ChildProcess, spawn } from 'node:child_process';
import { retry } from '../../background/retry.ts';
import { sleep } from '../../background/sleep.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { StartError } from '../../process/lifecycle.ts';
import type { PostgresProcessOptions } from './postgres-cluster.ts';

/** The slowest possible start is crash recovery of a large write-ahead log. */
const START_DEADLINE_MS = 60_000;
/** Postgres waits until its sessions notice a fast shutdown; after this time it is stopped at once. */
const STOP_DEADLINE_MS = 30_000;
const PAUSE_MS = 50;
const KEPT_LINES = 20;

export interface PostgresServer {
  readonly pid: number;
  /** Resolves when the server has ended, for any reason. */
  readonly ended: Promise<void>;
  /** Ends sessions and writes a checkpoint (`fast`), or stops like a crash (`immediate`). */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

/**
 * Starts the server and waits until it accepts connections.
 * @param letIn connects once; throws while the server is not ready.
 * @throws StartError with the end of the server's log.
 */
export async function runPostgres({
  binary,
  flags,
  processOptions,
  letIn,
}: {
  readonly binary: string;
  readonly flags: readonly string[];
  readonly processOptions: PostgresProcessOptions;
  readonly letIn: () => Promise<void>;
}): Promise<PostgresServer> {
  // Its own process group: Ctrl-C in a terminal reaches the whole group, but Postgres must outlive the worker.
  const child = spawn(binary, flags, {
    ...processOptions,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lastLines = keepLastLines(child);
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      hasEnded = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', (error) => {
      lastLines.push(error.message);
      end();
    });
  });

  const deadline = performance.now() + START_DEADLINE_MS;
  const mayComeLater = (error: Error) => {
    const { kind, isUnavailable } = classifyDatabaseError(error);
    return isUnavailable && kind !== 'access_refused' && performance.now() < deadline && !hasEnded;
  };
  try {
    await retry(letIn, {
      pauses: { baseMs: PAUSE_MS, maxMs: PAUSE_MS },
      mayHelp: ({ error }) => mayComeLater(error),
    });
  } catch (error) {
    child.kill('SIGQUIT');
    await ended;
    // Its last output may still be in the pipe.
    await sleep(PAUSE_MS);
    const reason = lastLines.slice(-5).join(' | ') || (error as Error).message;
    throw new StartError(`The embedded Postgres did not start: ${reason}`, { cause: error });
  }

  return {
    pid: child.pid as number,
    ended,
    async stop(mode = 'fast') {
      if (!hasEnded) child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_DEADLINE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function keepLastLines(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter(Boolean));
      lines.splice(0, Math.max(0, lines.length - KEPT_LINES));
    });
  }
  return lines;
}
