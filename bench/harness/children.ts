import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HEAP_FLAGS } from '../../src/local/heap-flags.ts';

const PROJECT = path.resolve(import.meta.dirname, '..', '..');
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 15_000;
const PAUSE_MS = 10;
const SHOWN_LOG_LINES = 5;

export interface ChildOptions {
  /** Names it in messages, and its log file. */
  readonly name: string;
  /** From the root of the project, for example `src/api/main.ts`. */
  readonly script: string;
  /** Its settings; nothing of our own environment but PATH is passed on. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that the bench started. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** What its `...started` event said; 0 when it listens nowhere. */
  readonly port: number;
  /** Sends an order and gives the answer to it. @throws when it ends or reports an error instead. */
  ask<Answer>(order: object): Promise<Answer>;
  /** Sends a message that has no answer. */
  tell(message: object): void;
  /** Asks it to end, and kills it if that takes too long. */
  stop(): Promise<void>;
}

export interface Children {
  /** Starts a process and waits until it says that it has started. @throws with the end of its log. */
  start(options: ChildOptions): Promise<Child>;
  /** Stops what still runs, the latest first. */
  stopAll(): Promise<void>;
}

/**
 * Starts processes whose logs go to files in `folder`: logging is on, as in production, and nobody reads along.
 * With a `profileFolder`, each leaves a CPU profile there when it ends.
 */
export function createChildren(
  folder: string,
  {
    profileFolder,
    onNotice,
  }: {
    readonly profileFolder?: string | undefined;
    /** Called with what a process reports besides its answers. */
    readonly onNotice?: ((name: string, notice: string) => void) | undefined;
  } = {},
): Children {
  const flagsFor = (name: string) =>
    profileFolder === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${count}-${name}.cpuprofile`];
  const running: Child[] = [];
  let count = 0;

  return {
    async start(options) {
      count += 1;
      const child = await startChild(options, {
        logFile: path.join(folder, `${count}-${options.name}.log`),
        flags: flagsFor(options.name),
        onNotice: (notice) => onNotice?.(options.name, notice),
      });
      running.push(child);
      return child;
    },
    async stopAll() {
      for (const child of running.reverse()) await child.stop();
      running.length = 0;
    },
  };
}

async function startChild(
  { name, script, env }: ChildOptions,
  {
    logFile,
    flags,
    onNotice,
  }: {
    readonly logFile: string;
    readonly flags: readonly string[];
    readonly onNotice: (notice: string) => void;
  },
): Promise<Child> {
  const log = openSync(logFile, 'w');
  const child = fork(path.join(PROJECT, script), [], {
    // Elsewhere than in the project, so that a developer's .env changes no setting.
    cwd: path.dirname(logFile),
    // As `npm run api` and `npm run worker` start them; peers get the same.
    execArgv: [...HEAP_FLAGS, ...flags],
    env: { PATH: process.env.PATH, LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', log, log, 'ipc'],
    // Its own process group: Ctrl-C in a terminal reaches the whole group, but we choose the order of stopping.
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    // For as long as it lives: a message to a process that has just ended is an error too, and `ask` hears of its end.
    child.on('error', () => resolve());
  });
  child.on('message', (message: { readonly notice?: string }) => {
    if (message.notice !== undefined) onNotice(message.notice);
  });
  const explain = (what: string) => new Error(`${name} ${what}: ${lastLines(logFile)}`);
  const stop = () => stopChild(child, ended);
  try {
    const { port } = await waitForStart(child, logFile, explain);
    return {
      name,
      pid: child.pid as number,
      port,
      ask: (order) => ask(child, order, explain),
      tell: (message) => child.send(message),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Every process of ours logs one event whose name ends in `.started` once it is ready. */
async function waitForStart(
  child: ChildProcess,
  logFile: string,
  explain: (what: string) => Error,
): Promise<{ readonly port: number }> {
  const deadline = performance.now() + START_DEADLINE_MS;
  for (;;) {
    const line = readFileSync(logFile, 'utf8')
      .split('\n')
      .find((text) => /"event":"[\w.-]+\.started"/.test(text) && text.endsWith('}'));
    if (line) return { port: Number(JSON.parse(line).port ?? 0) };
    if (child.exitCode !== null || child.signalCode !== null) throw explain('ended while it started');
    if (performance.now() > deadline) throw explain('did not start in time');
    await sleep(PAUSE_MS);
  }
}

function ask<Answer>(child: ChildProcess, order: object, explain: (what: string) => Error): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const stopListening = () => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (message: { readonly answer?: Answer; readonly error?: string }) => {
      if (message.answer === undefined && message.error === undefined) return;
      stopListening();
      if (message.error === undefined) resolve(message.answer as Answer);
      else reject(explain(`failed with ${message.error}`));
    };
    const onExit = () => {
      stopListening();
      reject(explain('ended unexpectedly'));
    };
    child.on('message', onMessage as (message: unknown) => void);
    child.on('exit', onExit);
    if (child.exitCode !== null || child.signalCode !== null) onExit();
    else child.send(order);
  });
}

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await ended;
  clearTimeout(timer);
}

function lastLines(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trim().split('\n');
  return lines.slice(-SHOWN_LOG_LINES).join(' | ').slice(-2000) || 'it said nothing';
}
