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
  /** Answers 2xx when the part is ready. */
  readonly readyUrl: string;
}

export interface SupervisorOptions {
  /** In the order of starting; they are stopped in the opposite order. */
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

/** Keeps the parts of the stack running: a part that dies is started again after a pause, with a line that says so. */
export function createSupervisor(options: SupervisorOptions) {
  const running: Running[] = [];
  const readyDeadlineMs = options.readyDeadlineMs ?? READY_DEADLINE_MS;
  let isStopping = false;

  function launch(part: Part): Pick<Running, 'child' | 'exited'> {
    const child = spawn(process.execPath, [...HEAP_FLAGS, part.script], {
      env: part.env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C in a terminal reaches the whole group, and the order of stopping is ours to choose.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => options.onLine(part.name, line));
    }
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    return { child, exited };
  }

  function watch(entry: Running): void {
    entry.child.once('exit', async (code, signal) => {
      // Before it was ready it would end the same way again: then starting is given up.
      if (isStopping || !entry.hasBeenReady) return;
      const cause = signal ? `was ended by ${signal}` : `ended with status ${code}`;
      options.onLine(entry.part.name, `${entry.part.name} ${cause}; it is started again.`);
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
      // Looked at after the answer: another program on the same port might have given it.
      if (hasEnded(entry.child)) {
        // Its last words may still be in the pipe.
        await sleep(READY_PAUSE_MS);
        if (!isStopping) throw new StartError(`${name} did not start; its last line says why.`);
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
     * Starts every part; resolves when all of them are ready, or when they were stopped meanwhile.
     * @throws StartError when a part ends or hangs before it was ready. The others go on until `stop`.
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
        if (hasEnded(child)) continue;
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), options.stopDeadlineMs ?? STOP_DEADLINE_MS);
        await exited;
        clearTimeout(timer);
      }
    },

    /** Kills whatever still runs. */
    kill(): void {
      isStopping = true;
      for (const { child } of running) child.kill('SIGKILL');
    },

    /** The process number of a part at this moment. */
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
