import { checkLedger } from '../data/check-ledger.ts';
import { countPayments, tidyUp } from '../data/databases.sql.ts';
import { type Fill, fillBossQueue, fillGraphileQueue, fillOurQueue } from '../data/fill-queues.ts';
import { TEMPLATE } from '../data/template.ts';
import type { DrainOrder, DrainReport } from '../drain/drain-meter.ts';
import type { Child } from '../harness/children.ts';
import { median, round } from '../report/statistics.ts';
import { type Contender, interleave, type PartContext, type PartResult } from './part.ts';

const WAITING_COUNT = 50_000;
const ROUNDS = 3;
const SECONDS = 3;
const WARMUP_MS = 1000;
/** Claims, settlements and calls at once; a gateway that answers at once needs no more of them than this. */
export const DRAIN_BATCH_SIZE = 400;
export const DRAIN_WORKER_SETTINGS = {
  WORKER_CONCURRENCY: String(DRAIN_BATCH_SIZE),
  WORKER_BATCH_SIZE: String(DRAIN_BATCH_SIZE),
};

interface DrainContender {
  readonly name: string;
  readonly script: string;
  readonly env?: (databaseUrl: string) => Record<string, string>;
  readonly fill: (fill: Fill) => Promise<void>;
  /** What the process must do after the queue is filled and before the clock starts. */
  readonly prepare?: object;
}

const CONTENDERS: readonly DrainContender[] = [
  {
    name: 'ours',
    script: 'bench/drain/ours.ts',
    env: (databaseUrl) => ({ DATABASE_URL: databaseUrl, ...DRAIN_WORKER_SETTINGS }),
    fill: fillOurQueue,
  },
  {
    name: 'floor',
    script: 'bench/peers/floor.ts',
    fill: fillOurQueue,
    prepare: { kind: 'prepare', batchSize: DRAIN_BATCH_SIZE },
  },
  {
    name: 'graphile_worker',
    script: 'bench/peers/graphile-worker.ts',
    fill: fillGraphileQueue,
    prepare: { kind: 'connect' },
  },
  {
    name: 'pg_boss',
    script: 'bench/peers/pg-boss.ts',
    fill: fillBossQueue,
    prepare: { kind: 'connect' },
  },
];

/** How fast a queue of 50,000 payments is worked off: by us, by our SQL alone, and by two other queues. */
export async function runDrain(context: PartContext): Promise<PartResult> {
  const { server, children, options, say } = context;
  const windowMs = (options.seconds ?? SECONDS) * 1000;
  const contenders: Contender<DrainReport>[] = [];
  const databases: { readonly name: string; readonly databaseUrl: string }[] = [];
  for (const { name, script, env, fill, prepare } of CONTENDERS) {
    const databaseUrl = await server.createDatabase(`drain_${name}`, { from: TEMPLATE });
    const child = await children.start({
      name: `drain-${name}`,
      script,
      ...(env && { env: env(databaseUrl) }),
    });
    databases.push({ name, databaseUrl });
    contenders.push({
      name,
      measure: () => drainOnce({ child, databaseUrl, fill, windowMs, prepare }),
    });
  }

  const samples = await interleave(contenders, {
    rounds: options.rounds ?? ROUNDS,
    onSample: (name, { perSecond }) => say(`drain ${name}: ${Math.round(perSecond)}/s`),
  });
  await children.stopAll();
  for (const { name, databaseUrl } of databases) {
    await checkLedger(databaseUrl, name);
    await server.dropDatabase(`drain_${name}`);
  }

  const rate = (name: string) => median((samples.get(name) ?? []).map(({ perSecond }) => perSecond));
  const ours = rate('ours');
  const figures = (peer: string) => `${Math.round(ours)}/s to ${Math.round(rate(peer))}/s`;
  return {
    waiting: WAITING_COUNT,
    batch_size: DRAIN_BATCH_SIZE,
    ours: round(ours, 0),
    floor: round(rate('floor'), 0),
    graphile_worker: round(rate('graphile_worker'), 0),
    pg_boss: round(rate('pg_boss'), 0),
    ratio_floor: round(ours / rate('floor'), 2),
    ratio_graphile_worker: round(ours / rate('graphile_worker'), 2),
    ratio_pg_boss: round(ours / rate('pg_boss'), 2),
    figures: {
      ratio_floor: figures('floor'),
      ratio_graphile_worker: figures('graphile_worker'),
      ratio_pg_boss: figures('pg_boss'),
    },
    rounds: Object.fromEntries(
      [...samples].map(([name, reports]) => [name, reports.map(({ perSecond }) => round(perSecond, 0))]),
    ),
  };
}

/**
 * Fills the queue up, lets one process work on it, and compares what it says it settled with the database.
 * @throws when the two differ.
 */
export async function drainOnce({
  child,
  databaseUrl,
  fill,
  windowMs,
  prepare,
  waitingCount = WAITING_COUNT,
  parkedCount = 0,
}: {
  readonly child: Child;
  readonly databaseUrl: string;
  readonly fill: (fill: Fill) => Promise<void>;
  readonly windowMs: number;
  readonly prepare?: object | undefined;
  readonly waitingCount?: number;
  /** Payments that are open and not due. */
  readonly parkedCount?: number;
}): Promise<DrainReport> {
  const before = await countPayments(databaseUrl);
  await fill({ databaseUrl, count: waitingCount + parkedCount - before.open });
  await tidyUp(databaseUrl);
  if (prepare) await child.ask({ ...prepare, databaseUrl });
  const order: DrainOrder = { kind: 'drain', waitingCount, warmupMs: WARMUP_MS, windowMs };
  const report = await child.ask<DrainReport>(order);
  const after = await countPayments(databaseUrl);
  const settledCount = after.settled - before.settled;
  // Everything under way has ended, so both are exact.
  if (settledCount !== report.settledCount)
    throw new Error(
      `${child.name} says it settled ${report.settledCount}, the database says ${settledCount}`,
    );
  return report;
}
