import { setTimeout as sleep } from 'node:timers/promises';
import { checkLedger } from '../data/check-ledger.ts';
import { countPayments, tidyUp } from '../data/databases.sql.ts';
import { holdSnapshot } from '../data/held-snapshot.sql.ts';
import { USER_COUNT } from '../data/template.ts';
import type { ClaimSample } from '../drain/pipeline.ts';
import type { Child } from '../harness/children.ts';
import type { SettleLatencyReport } from '../load/one-by-one.ts';
import type { OpenLoopOrder } from '../load/open-loop.ts';
import { median, round, summariseLatencies } from '../report/statistics.ts';
import type { PartContext, PartResult } from './part.ts';
import { type Pipeline, startPipeline } from './pipeline.ts';
import { waitUntilSettled } from './run-steadily.ts';

const PER_SECOND = 500;
const SECONDS = 60;
const WARMUP_MS = 3000;

interface Side {
  readonly name: 'held' | 'free';
  readonly pipeline: Pipeline;
  readonly load: Child;
}

interface SideReport {
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
  readonly claims: readonly ClaimSample[];
}

/**
 * A steady 500 payments a second, accepted and settled, while another session holds a snapshot, and the same without. Both run
 * at the same time, on two databases of one server: a snapshot without a transaction id of its own holds back the cleaning of
 * its own database only, and whatever else the machine does meets both alike.
 */
export async function runSnapshot(context: PartContext): Promise<PartResult> {
  const { server, children, options, say } = context;
  const startSide = async (name: Side['name']): Promise<Side> => ({
    name,
    pipeline: await startPipeline(context, `snapshot_${name}`),
    load: await children.start({ name: `load-${name}`, script: 'bench/load/main.ts' }),
  });
  const [held, free] = [await startSide('held'), await startSide('free')];
  for (const { pipeline } of [held, free]) await tidyUp(pipeline.databaseUrl);

  const windowMs = (options.seconds ?? SECONDS) * 1000;
  const snapshot = await holdSnapshot(held.pipeline.databaseUrl);
  const [heldReport, freeReport] = await Promise.all([
    runSide(held, windowMs),
    runSide(free, windowMs),
  ]).finally(() => snapshot.release());
  for (const { pipeline } of [held, free]) await waitUntilSettled(pipeline.databaseUrl);
  await children.stopAll();
  for (const { name, pipeline } of [held, free]) {
    await checkLedger(pipeline.databaseUrl, `the side whose snapshot is ${name}`);
    await server.dropDatabase(`snapshot_${name}`);
  }

  const [heldSide, freeSide] = [describeSide(heldReport, windowMs), describeSide(freeReport, windowMs)];
  const inWords = ({ per_second, latency }: typeof heldSide) => `${per_second}/s, p99 ${latency.p99_ms} ms`;
  say(`snapshot held: ${inWords(heldSide)}; free: ${inWords(freeSide)}`);
  return {
    offered_per_second: PER_SECOND,
    ratio: round(heldReport.perSecond / freeReport.perSecond, 2),
    claim_growth: heldSide.claim_growth,
    held: heldSide,
    free: freeSide,
    figures: {
      ratio: `${inWords(heldSide)}; without ${inWords(freeSide)}`,
      claim_growth: `${heldSide.claim_first_quarter_ms} to ${heldSide.claim_last_quarter_ms} ms; without ${freeSide.claim_first_quarter_ms} to ${freeSide.claim_last_quarter_ms} ms`,
    },
  };
}

async function runSide({ pipeline, load }: Side, windowMs: number): Promise<SideReport> {
  const { databaseUrl, api, worker } = pipeline;
  const order: OpenLoopOrder = {
    kind: 'open-loop',
    port: api.port,
    userCount: USER_COUNT,
    databaseUrl,
    perSecond: PER_SECOND,
    warmupMs: WARMUP_MS,
    windowMs,
  };
  const running = load.ask<SettleLatencyReport>(order);
  // It may fail while something else is awaited; an unhandled rejection would end the bench.
  running.catch(() => {});
  const elapse = (ms: number) => Promise.race([sleep(ms), running]);
  await elapse(WARMUP_MS);
  await worker.ask({ kind: 'forget-claims' });
  const first = await countPayments(databaseUrl);
  // The load ends by itself a moment after the window; what is counted lies within it.
  await elapse(windowMs - 100);
  const last = await countPayments(databaseUrl);
  const { claims } = await worker.ask<{ readonly claims: readonly ClaimSample[] }>({ kind: 'claims' });
  const { latenciesMs } = await running;
  return {
    perSecond: (last.settled - first.settled) / ((last.atMs - first.atMs) / 1000),
    latenciesMs,
    claims,
  };
}

function describeSide({ perSecond, latenciesMs, claims }: SideReport, windowMs: number) {
  const quarter = (number: 0 | 1 | 2 | 3) =>
    median(
      claims
        .filter(({ atMs }) => Math.min(3, Math.floor((atMs / windowMs) * 4)) === number)
        .map(({ durationMs }) => durationMs),
    );
  const [first, last] = [quarter(0), quarter(3)];
  return {
    per_second: round(perSecond, 0),
    latency: summariseLatencies(latenciesMs),
    claim_count: claims.length,
    claim_median_ms: ([0, 1, 2, 3] as const).map((number) => round(quarter(number), 2)),
    claim_first_quarter_ms: round(first, 2),
    claim_last_quarter_ms: round(last, 2),
    claim_growth: round(last / first, 2),
  };
}
