import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MEMBER_NAMES, type MemberName } from '../plan/members.ts';
import { planLife } from '../plan/plan-life.ts';
import { settingsOf } from './settings.ts';
import type { Tally } from './tally.ts';
import { type RunningProcess, startTollgateProcess } from './tollgate-process.ts';

const RESTART_PAUSE_MS = 200;
const START_DEADLINE_MS = 60_000;

export interface FleetOptions {
  readonly seed: number;
  readonly folder: string;
  readonly databaseUrlOf: (name: MemberName) => string;
  readonly gatewayUrl: string;
  readonly ratesFile: string;
  readonly tally: Tally;
  /** How long a process that stopped itself stays so: longer than a lease. */
  readonly stopMs: number;
  readonly signal: AbortSignal;
}

interface Member {
  readonly name: MemberName;
  lifeNumber: number;
  process: RunningProcess | undefined;
  port: number | undefined;
  diedAt: number | undefined;
}

/** The APIs and workers under test: each is started again whenever it dies, with what the seed has in store for its next life. */
export function createFleet(options: FleetOptions) {
  const { seed, folder, tally } = options;
  const members = MEMBER_NAMES.map(
    (name): Member => ({ name, lifeNumber: 0, process: undefined, port: undefined, diedAt: undefined }),
  );
  const keeping: Promise<void>[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let isTroubled = true;
  let isStopping = false;

  async function keepRunning(member: Member): Promise<void> {
    while (!isStopping) {
      const started = launch(member);
      await started.ended;
      if (member.port !== undefined) member.diedAt = performance.now();
      member.port = undefined;
      if (!isStopping) await sleep(RESTART_PAUSE_MS);
    }
  }

  function launch(member: Member): RunningProcess {
    const { name } = member;
    const life = isTroubled ? planLife(seed, name, member.lifeNumber++) : { failpoints: '', clockShiftMs: 0 };
    if (life.clockShiftMs !== 0) tally.count('started with a wrong clock');
    const started = startTollgateProcess({
      role: name.startsWith('api') ? 'api' : 'worker',
      folder,
      logFile: path.join(folder, `${name}.log`),
      settings: {
        ...settingsOf({
          databaseUrl: options.databaseUrlOf(name),
          gatewayUrl: options.gatewayUrl,
          ratesFile: options.ratesFile,
        }),
        FAILPOINTS: life.failpoints,
        PROVE_CLOCK_SHIFT_MS: String(life.clockShiftMs),
      },
      onStarted(port) {
        if (member.process !== started) return;
        member.port = port;
        if (member.diedAt !== undefined) tally.recovered('process', performance.now() - member.diedAt);
        member.diedAt = undefined;
      },
      onFailpoint({ failpoint, action }) {
        tally.countFailpoint(failpoint, action);
        if (action === 'stop') continueLater(started);
      },
    });
    member.process = started;
    return started;
  }

  function continueLater(stopped: RunningProcess): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      stopped.signal('SIGCONT');
    }, options.stopMs);
    timers.add(timer);
  }

  const find = (name: MemberName): Member => members.find((member) => member.name === name) as Member;
  const isReady = () => members.every(({ port }) => port !== undefined);

  async function waitUntilReady(): Promise<void> {
    const deadline = performance.now() + START_DEADLINE_MS;
    while (!isReady() && !isStopping) {
      options.signal.throwIfAborted();
      if (performance.now() > deadline) {
        const missing = members.filter(({ port }) => port === undefined).map(({ name }) => name);
        throw new Error(`${missing.join(', ')} did not start within ${START_DEADLINE_MS / 1000} seconds`);
      }
      await sleep(50);
    }
  }

  /** Kills every process; each starts again by itself. */
  async function crashAll(): Promise<void> {
    const running = members.flatMap(({ process: started }) => started ?? []);
    for (const member of members) member.port = undefined;
    for (const started of running) started.signal('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
  }

  return {
    /** @throws when a process is not ready in time. */
    async start(): Promise<void> {
      keeping.push(...members.map(keepRunning));
      await waitUntilReady();
    },
    /** Crashes everything one last time; from now on nothing is wrong with what starts. */
    async beCalm(): Promise<void> {
      isTroubled = false;
      await crashAll();
      await waitUntilReady();
    },
    /** Where an API can be reached at this moment; undefined while it is down. */
    originOf(name: MemberName): string | undefined {
      const { port } = find(name);
      return port === undefined ? undefined : `http://127.0.0.1:${port}`;
    },
    kill(name: MemberName): void {
      find(name).process?.signal('SIGKILL');
    },
    /** Stops a process for a while, as a debugger, a full machine or a moved virtual machine does. */
    pause(name: MemberName): void {
      const { process: started } = find(name);
      if (!started) return;
      started.signal('SIGSTOP');
      continueLater(started);
    },
    /** Ends everything at once; nothing runs afterwards. */
    async stop(): Promise<void> {
      isStopping = true;
      for (const timer of timers) clearTimeout(timer);
      for (const { process: started } of members) started?.signal('SIGKILL');
      await Promise.all(keeping);
    },
  };
}

export type Fleet = ReturnType<typeof createFleet>;
