import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { waitUntil } from './wait-until.ts';

const SOURCE = path.resolve(import.meta.dirname, '..', '..', 'src');

export interface StartedProcess {
  readonly child: ChildProcess;
  readonly lines: Record<string, unknown>[];
  /** Resolves to the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts one of the processes as production does; its log lines are kept for the test. */
export function startProcess(
  name: 'api' | 'worker' | 'gateway-mock',
  env: Record<string, string>,
): StartedProcess {
  return runCommand(['node', path.join(SOURCE, name, 'main.ts')], env);
}

/** Starts a command of the project's folder; `node` is the one that runs the tests. */
export function runCommand(
  [program = '', ...args]: readonly string[],
  env: Record<string, string>,
): StartedProcess {
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: path.dirname(SOURCE),
    env: { PATH: process.env.PATH, LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line.startsWith('{')) lines.push(JSON.parse(line));
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => lines.push({ event: 'stderr', text }));
  const ended = new Promise<number | string>((resolve) => {
    // After the last of its output, which may still be on its way when the process is gone.
    child.once('close', (code, signal) => resolve(signal ?? code ?? 0));
  });
  return { child, lines, ended };
}

/** Waits for the event with which a process says that it has started, and gives it. */
export async function waitForStart(started: StartedProcess): Promise<Record<string, unknown>> {
  return await waitUntil(
    'a started process',
    () => {
      if (started.child.exitCode !== null)
        throw new Error(`it ended: ${JSON.stringify(started.lines.at(-1))}`);
      return started.lines.find(({ event }) => typeof event === 'string' && event.endsWith('.started'));
    },
    { deadlineMs: 60_000 },
  );
}
