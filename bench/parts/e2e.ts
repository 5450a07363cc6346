import { checkLedger } from '../data/check-ledger.ts';
import { tidyUp } from '../data/databases.sql.ts';
import type { Child } from '../harness/children.ts';
import { readResidentSizeMb } from '../harness/resident-size.ts';
import { median, round } from '../report/statistics.ts';
import type { EndToEndRun } from './end-to-end-run.ts';
import { type EndToEndSide, startOurSide, startUsualSide } from './end-to-end-side.ts';
import { compareWithBook, readBook } from './gateway-book.ts';
import { interleave, type PartContext, type PartResult } from './part.ts';
import { runSteadily } from './run-steadily.ts';

const ROUNDS = 3;
/** Ours is measured for a minute in all, because its memory is watched meanwhile; a rate needs less. */
const SECONDS = { ours: 20, usual: 5 };
const WARMUP_MS = 2000;

const SAMPLE_EVERY_MS = 500;

/** The end-to-end run, made once for all parts that report it. */
export function runEndToEndOnce(context: PartContext): Promise<EndToEndRun> {
  context.endToEnd.run ??= runEndToEnd(context).catch((error: unknown) => {
    // The next part that needs it measures anew.
    delete context.endToEnd.run;
    throw error;
  });
  return context.endToEnd.run;
}

/** HTTP acceptance to settlement through the real gateway mock over HTTP, against the usual way. */
async function runEndToEnd(context: PartContext): Promise<EndToEndRun> {
  const { server, children, options, say } = context;
  const ours = await startOurSide(context, 'e2e_ours');
  const usual = await startUsualSide(context, 'e2e_usual');
  const load = await children.start({ name: 'load', script: 'bench/load/main.ts' });
  const residentMb = { api: [] as number[], worker: [] as number[] };
  let sampledAt = -Infinity;
  const sampleMemory = () => {
    if (performance.now() - sampledAt < SAMPLE_EVERY_MS) return;
    sampledAt = performance.now();
    residentMb.api.push(readResidentSizeMb(ours.api.pid));
    residentMb.worker.push(readResidentSizeMb(ours.worker.pid));
  };

  const samples = await interleave(
    [
      {
        name: 'ours',
        measure: () =>
          measureSide(load, ours, { seconds: options.seconds ?? SECONDS.ours, onTick: sampleMemory }),
      },
      {
        name: 'usual',
        measure: () =>
          measureSide(load, usual, { seconds: Math.min(options.seconds ?? Infinity, SECONDS.usual) }),
      },
    ],
    {
      rounds: options.rounds ?? ROUNDS,
      onSample: (name, perSecond) => say(`e2e ${name}: ${Math.round(perSecond)}/s`),
    },
  );
  for (const side of [ours, usual]) await compareWithBook(side);
  await children.stopAll();
  for (const { databaseUrl, name } of [ours, usual]) {
    await checkLedger(databaseUrl, name);
    await server.dropDatabase(`e2e_${name}`);
  }
  return {
    oursPerSecond: median(samples.get('ours') ?? []),
    usualPerSecond: median(samples.get('usual') ?? []),
    rounds: Object.fromEntries(
      [...samples].map(([name, rates]) => [name, rates.map((rate) => round(rate, 0))]),
    ),
    residentMb,
  };
}

async function measureSide(
  load: Child,
  side: EndToEndSide,
  { seconds, onTick }: { readonly seconds: number; readonly onTick?: () => void },
): Promise<number> {
  await tidyUp(side.databaseUrl);
  const { perSecond } = await runSteadily({
    load,
    mix: side.mix,
    databaseUrl: side.databaseUrl,
    // What the gateway has carried out is settled a moment later, and asking it costs neither database nor worker anything.
    readDoneCount: async () => (await readBook(side.gatewayUrl)).count,
    warmupMs: WARMUP_MS,
    windowMs: seconds * 1000,
    ...(onTick && { onTick }),
  });
  return perSecond;
}

/** How many payments are accepted and settled in a second. */
export async function runE2e(context: PartContext): Promise<PartResult> {
  const { oursPerSecond, usualPerSecond, rounds } = await runEndToEndOnce(context);
  return {
    ours: round(oursPerSecond, 0),
    usual: round(usualPerSecond, 0),
    ratio_usual: round(oursPerSecond / usualPerSecond, 2),
    figures: { ratio_usual: `${Math.round(oursPerSecond)}/s to ${Math.round(usualPerSecond)}/s` },
    rounds,
  };
}
