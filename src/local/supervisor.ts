import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { sleep } from '../background/sleep.ts';
import { fetchDirectly } from '../http/fetch-directly.ts';
import { StartError } from '../process/lifecycle.ts';
import { HEAP_FLAGS } from './heap-flags.ts';

/** One process of the stack. */
export interface Part {
  readonly name: string;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** A URL that answers 2xx once the part is ready. */
  readonly readyUrl: string;
}

export interface SupervisorOptions {
  /** In starting order; they are stopped in reverse order. */
  readonly parts: readonly Part[];
  readonly onLine: (name: string, line: string) => void;
  readonly restartPauseMs?: number;
  readonly readyDeadlineMs?: number;
  readonly stopDeadlineMs?: number;
}

const RESTART_PAUSE_MS = 1000;
const STOP_DEADLINE_MS = 20_000;
const READY_DEADLINE_MS = 60_000;
const READY_PAUSE_MS = 50;

interface Running {
  readonly part: Part;
  child: ChildProcess;
  exited: Promise<void>;
  hasBeenReady: boolean;
}

/** Keeps the parts of the stack running: restarts a part that dies, after a pause, and prints a line about it. */
export function createSupervisor(options: SupervisorOptions) {
  const running: Running[] = [];
  const readyDeadlineMs = options.readyDeadlineMs ?? READY_DEADLINE_MS;
  let isStopping = false;

  function launch(part: Part): Pick<Running, 'child' | 'exited'> {
    const child = spawn(process.execPath, [...HEAP_FLAGS, part.script], {
      env: part.env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Its own process group: Ctrl-C in a terminal reaches the whole group, but we choose the order of stopping.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => options.onLine(part.name, line));
    }
    const exited = new Promise<void>((resolve) => {
      // Not before the last of its output, which may still be in the pipe when it has exited.
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
    return { child, exited };
  }

  function watch(entry: Running): void {
    entry.child.once('exit', async (code, signal) => {
      // A part that ends before it was ready would end the same way again, so give up.
      if (isStopping || !entry.hasBeenReady) return;
      const cause = signal ? `was ended by ${signal}` : `ended with status ${code}`;
      options.onLine(entry.part.name, `${entry.part.name} ${cause}; restarting it.`);
      await sleep(options.restartPauseMs ?? RESTART_PAUSE_MS);
      if (isStopping) return;
      Object.assign(entry, launch(entry.part));
      watch(entry);
    });
  }

  async function waitUntilReady(entry: Running): Promise<void> {
    const { name, readyUrl } = entry.part;
    const deadline = performance.now() + readyDeadlineMs;
    while (!isStopping) {
      const isReady = await answers(readyUrl);
      // Check this after the answer, because another program on the same port may have given it.
      if (hasEnded(entry.child)) {
        await entry.exited;
        if (!isStopping) throw new StartError(`${name} did not start; its last line of output says why.`);
        return;
      }
      if (isReady) {
        entry.hasBeenReady = true;
        return;
      }
      if (performance.now() > deadline)
        throw new StartError(`${name} was not ready within ${readyDeadlineMs / 1000} seconds.`);
      await sleep(READY_PAUSE_MS);
    }
  }

  return {
    /**
     * Starts every part; resolves when all are ready, or when they were stopped in the meantime.
     * @throws StartError if a part ends or hangs before it is ready. The others keep running until `stop`.
     */
    async start(): Promise<void> {
      for (const part of options.parts) {
        const entry: Running = { part, hasBeenReady: false, ...launch(part) };
        running.push(entry);
        watch(entry);
      }
      await Promise.all(running.map(waitUntilReady));
    },

    /** Stops every part, the last one started first, and waits for each; one that takes too long is killed. */
    async stop(): Promise<void> {
      isStopping = true;
      for (const { child, exited } of running.toReversed()) {
        if (!hasEnded(child)) child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), options.stopDeadlineMs ?? STOP_DEADLINE_MS);
        await exited;
        clearTimeout(timer);
      }
    },

    /** Kills every part that is still running. */
    kill(): void {
      isStopping = true;
      for (const { child } of running) child.kill('SIGKILL');
    },

    /** The current pid of a part. */
    pidOf: (name: string): number | undefined => running.find((entry) => entry.part.name === name)?.child.pid,
  };
}

export type Supervisor = ReturnType<typeof createSupervisor>;

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function answers(url: string): Promise<boolean> {
  return fetchDirectly(url, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  );
}
