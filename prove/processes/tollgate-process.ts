import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const CLOCK = path.join(import.meta.dirname, 'shifted-clock.ts');

export type Role = 'api' | 'worker' | 'gateway-mock';

export interface ProcessEvents {
  /** The process can be used, on this port. */
  readonly onStarted: (port: number) => void;
  readonly onFailpoint: (hit: { readonly failpoint: string; readonly action: string }) => void;
}

export interface ProcessSpec extends ProcessEvents {
  readonly role: Role;
  readonly settings: Readonly<Record<string, string>>;
  /** Its working folder, where no .env may lie. */
  readonly folder: string;
  readonly logFile: string;
}

export interface RunningProcess {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** Starts one process as production does; it ends by itself should this process be killed. */
export function startTollgateProcess(spec: ProcessSpec): RunningProcess {
  const child = spawn(process.execPath, ['--import', CLOCK, path.join(ROOT, 'src', spec.role, 'main.ts')], {
    cwd: spec.folder,
    env: { PATH: process.env.PATH, APP_ENV: 'test', ...spec.settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own: Ctrl-C in a terminal reaches the whole group, and it is ours to stop them all.
    detached: true,
  });
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      hasEnded = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  listen(child, spec);
  return {
    pid: child.pid ?? 0,
    ended,
    signal(signal) {
      if (!hasEnded) child.kill(signal);
    },
  };
}

function listen(child: ChildProcess, { role, logFile, onStarted, onFailpoint }: ProcessSpec): void {
  // Other things start, too, and say so with an event of their own.
  const started = `"event":"${role.replace('-', '_')}.started"`;
  const log = createWriteStream(logFile, { flags: 'a' });
  // A log that cannot be written is no reason to end a proof.
  log.on('error', () => {});
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      // Few lines are of interest, and there are many.
      if (line.includes(started)) onStarted(Number(readLine(line).port));
      else if (line.includes('"failpoint.hit"')) {
        const { failpoint, action } = readLine(line);
        onFailpoint({ failpoint: String(failpoint), action: String(action) });
      }
    });
  }
  child.once('close', () => log.end());
  child.once('error', () => log.end());
}

function readLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}
