import { checkLedger } from '../data/check-ledger.ts';
import { tidyUp } from '../data/databases.sql.ts';
import type { Child } from '../harness/children.ts';
import type { OneByOneOrder, SettleLatencyReport } from '../load/one-by-one.ts';
import type { OpenLoopOrder } from '../load/open-loop.ts';
import { type LatencySummary, round, summariseLatencies } from '../report/statistics.ts';
import { type EndToEndSide, startOurSide, startUsualSide } from './end-to-end-side.ts';
import { compareWithBook, readBook } from './gateway-book.ts';
import { interleave, type PartContext, type PartResult } from './part.ts';
import { runSteadily, waitUntilSettled } from './run-steadily.ts';

const ROUNDS = 2;
const SECONDS = 5;
const WARMUP_MS = 1000;
const QUICK_RATE_MS = 3000;
/** The share of each side's own end-to-end rate that it is loaded with. */
const LOAD_SHARE = 0.3;

type Measurement = 'ours_idle' | 'ours_load' | 'usual_idle' | 'usual_load';

/** How long a payment takes from its request to its settlement, alone and under load, ours and the usual way. */
export async function runLatency(context: PartContext): Promise<PartResult> {
  const { server, children, options, say } = context;
  const windowMs = (options.seconds ?? SECONDS) * 1000;
  const ours = await startOurSide(context, 'latency_ours');
  const usual = await startUsualSide(context, 'latency_usual');
  const load = await children.start({ name: 'load', script: 'bench/load/main.ts' });
  const rates = await findRates(context, load, { ours, usual });

  const contendersOf = (side: EndToEndSide) => [
    { name: `${side.name}_idle`, measure: () => measureIdle(load, side, windowMs) },
    {
      name: `${side.name}_load`,
      measure: () => measureUnderLoad(load, side, { perSecond: rates[side.name] * LOAD_SHARE, windowMs }),
    },
  ];
  const samples = await interleave([...contendersOf(ours), ...contendersOf(usual)], {
    rounds: options.rounds ?? ROUNDS,
    onSample: (name, latenciesMs) => {
      const { p50_ms, p99_ms, count } = summariseLatencies(latenciesMs);
      say(`latency ${name}: p50 ${p50_ms} ms, p99 ${p99_ms} ms, ${count} payments`);
    },
  });
  for (const side of [ours, usual]) await compareWithBook(side);
  await children.stopAll();
  for (const { databaseUrl, name } of [ours, usual]) {
    await checkLedger(databaseUrl, name);
    await server.dropDatabase(`latency_${name}`);
  }

  // All rounds together: the tail of a few hundred payments is better known than the median of two tails.
  const summaryOf = (name: Measurement): LatencySummary =>
    summariseLatencies((samples.get(name) ?? []).flat());
  const [idle, underLoad] = [summaryOf('ours_idle'), summaryOf('ours_load')];
  const [usualIdle, usualUnderLoad] = [summaryOf('usual_idle'), summaryOf('usual_load')];
  return {
    idle_p50_ms: idle.p50_ms,
    idle_p95_ms: idle.p95_ms,
    idle_p99_ms: idle.p99_ms,
    load_p50_ms: underLoad.p50_ms,
    load_p95_ms: underLoad.p95_ms,
    load_p99_ms: underLoad.p99_ms,
    load_per_second: { ours: round(rates.ours * LOAD_SHARE, 0), usual: round(rates.usual * LOAD_SHARE, 0) },
    usual: { idle: usualIdle, load: usualUnderLoad },
    figures: {
      idle_p50_ms: `the usual way ${usualIdle.p50_ms} ms`,
      idle_p99_ms: `the usual way ${usualIdle.p99_ms} ms`,
      load_p99_ms: `at ${Math.round(rates.ours * LOAD_SHARE)}/s; the usual way ${usualUnderLoad.p99_ms} ms at ${Math.round(rates.usual * LOAD_SHARE)}/s`,
    },
  };
}

/** The rates of the end-to-end run; without one, those of a few seconds. */
async function findRates(
  { endToEnd }: PartContext,
  load: Child,
  { ours, usual }: { readonly ours: EndToEndSide; readonly usual: EndToEndSide },
): Promise<Readonly<Record<EndToEndSide['name'], number>>> {
  if (endToEnd.run) {
    const { oursPerSecond, usualPerSecond } = await endToEnd.run;
    return { ours: oursPerSecond, usual: usualPerSecond };
  }
  const quickRate = async (side: EndToEndSide) => {
    const { perSecond } = await runSteadily({
      load,
      mix: side.mix,
      databaseUrl: side.databaseUrl,
      readDoneCount: async () => (await readBook(side.gatewayUrl)).count,
      warmupMs: WARMUP_MS,
      windowMs: QUICK_RATE_MS,
    });
    return perSecond;
  };
  return { ours: await quickRate(ours), usual: await quickRate(usual) };
}

async function measureIdle(
  load: Child,
  { mix, databaseUrl }: EndToEndSide,
  windowMs: number,
): Promise<readonly number[]> {
  await tidyUp(databaseUrl);
  const order: OneByOneOrder = { kind: 'one-by-one', ...mix, databaseUrl, windowMs };
  return (await load.ask<SettleLatencyReport>(order)).latenciesMs;
}

async function measureUnderLoad(
  load: Child,
  { mix, databaseUrl }: EndToEndSide,
  { perSecond, windowMs }: { readonly perSecond: number; readonly windowMs: number },
): Promise<readonly number[]> {
  await tidyUp(databaseUrl);
  const order: OpenLoopOrder = {
    kind: 'open-loop',
    ...mix,
    databaseUrl,
    perSecond,
    warmupMs: WARMUP_MS,
    windowMs,
  };
  const { latenciesMs } = await load.ask<SettleLatencyReport>(order);
  await waitUntilSettled(databaseUrl);
  return latenciesMs;
}
