import { setTimeout as sleep } from 'node:timers/promises';
import { countPayments } from '../data/databases.sql.ts';
import type { Child } from '../harness/children.ts';
import type { SteadyLoadOrder, SteadyLoadReport } from '../load/steady-load.ts';

const CONNECTION_COUNT = 64;
/** A few rounds of everything that can be under way at once, so that no stage ever runs dry. */
const MAX_AHEAD = 1000;
const PROGRESS_EVERY_MS = 50;
const SETTLE_DEADLINE_MS = 180_000;

export interface SteadyRun {
  /** Payments accepted and settled in a second, once things have settled down. */
  readonly perSecond: number;
  readonly acceptedCount: number;
}

/**
 * Keeps one side as busy as it can be for a while, and counts how many payments are settled in the window. Returns when the
 * last payment is settled.
 * @throws when the load meets anything but acceptances, or a payment is left unsettled.
 */
export async function runSteadily({
  load,
  mix,
  databaseUrl,
  readDoneCount,
  warmupMs,
  windowMs,
  onTick,
}: {
  readonly load: Child;
  readonly mix: { readonly port: number; readonly userCount: number };
  readonly databaseUrl: string;
  /** How many payments of this database are done, or almost; it is read often, so it must be cheap. */
  readonly readDoneCount: () => Promise<number>;
  readonly warmupMs: number;
  readonly windowMs: number;
  /** Called from time to time within the window. */
  readonly onTick?: () => void;
}): Promise<SteadyRun> {
  const doneBefore = await readDoneCount();
  const order: SteadyLoadOrder = {
    kind: 'steady',
    ...mix,
    connectionCount: CONNECTION_COUNT,
    maxAhead: MAX_AHEAD,
  };
  let isOver = false;
  const running = load.ask<SteadyLoadReport>(order).finally(() => {
    isOver = true;
  });
  // Either may fail while the other is awaited; an unhandled rejection would end the whole bench.
  running.catch(() => {});
  const reporting = (async () => {
    while (!isOver) {
      load.tell({ kind: 'progress', doneCount: (await readDoneCount()) - doneBefore });
      onTick?.();
      await sleep(PROGRESS_EVERY_MS);
    }
  })();
  reporting.catch(() => {});
  // A load that fails, or a count that cannot be read, ends the window early.
  const elapse = (ms: number) => Promise.race([sleep(ms), running, reporting]);

  await elapse(warmupMs);
  const first = await readSettled(databaseUrl);
  await elapse(windowMs);
  const last = await readSettled(databaseUrl);
  load.tell({ kind: 'end' });
  const { acceptedCount } = await running;
  await reporting;
  await waitUntilSettled(databaseUrl);
  return { perSecond: (last.count - first.count) / ((last.atMs - first.atMs) / 1000), acceptedCount };
}

async function readSettled(databaseUrl: string): Promise<{ readonly count: number; readonly atMs: number }> {
  const { settled, atMs } = await countPayments(databaseUrl);
  return { count: settled, atMs };
}

/** @throws when it takes too long. */
export async function waitUntilSettled(databaseUrl: string): Promise<void> {
  const deadline = performance.now() + SETTLE_DEADLINE_MS;
  for (;;) {
    const { open } = await countPayments(databaseUrl);
    if (open === 0) return;
    if (performance.now() > deadline) throw new Error(`${open} payments are not settled`);
    await sleep(100);
  }
}
