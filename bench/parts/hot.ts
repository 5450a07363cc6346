import { checkLedger } from '../data/check-ledger.ts';
import { tidyUp } from '../data/databases.sql.ts';
import { USER_COUNT } from '../data/template.ts';
import { median, round } from '../report/statistics.ts';
import { interleave, type PartContext, type PartResult } from './part.ts';
import { startPipeline } from './pipeline.ts';
import { runSteadily } from './run-steadily.ts';

const ROUNDS = 3;
const SECONDS = 2;
const WARMUP_MS = 1000;
const USER_COUNTS = { one: 1, ten: 10, thousand: USER_COUNT } as const;

/**
 * What is lost when all payments meet on one wallet row, or on ten. Deposits and withdrawals are accepted and settled at the
 * same time, so that the row is wanted by both ends.
 */
export async function runHot(context: PartContext): Promise<PartResult> {
  const { server, children, options, say } = context;
  const { databaseUrl, api, readSettledCount } = await startPipeline(context, 'hot');
  const load = await children.start({ name: 'load', script: 'bench/load/main.ts' });
  const measure = async (userCount: number) => {
    await tidyUp(databaseUrl);
    const { perSecond } = await runSteadily({
      load,
      mix: { port: api.port, userCount },
      databaseUrl,
      readDoneCount: readSettledCount,
      warmupMs: WARMUP_MS,
      windowMs: (options.seconds ?? SECONDS) * 1000,
    });
    return perSecond;
  };
  const samples = await interleave(
    Object.entries(USER_COUNTS).map(([name, userCount]) => ({ name, measure: () => measure(userCount) })),
    {
      rounds: options.rounds ?? ROUNDS,
      onSample: (name, perSecond) => say(`hot ${name}: ${Math.round(perSecond)}/s`),
    },
  );
  await children.stopAll();
  await checkLedger(databaseUrl, 'the hot wallets');
  await server.dropDatabase('hot');

  const rate = (name: keyof typeof USER_COUNTS) => median(samples.get(name) ?? []);
  const [one, ten, thousand] = [rate('one'), rate('ten'), rate('thousand')];
  return {
    one: round(one, 0),
    ten: round(ten, 0),
    thousand: round(thousand, 0),
    ratio_one: round(one / thousand, 2),
    ratio_ten: round(ten / thousand, 2),
    figures: {
      ratio_one: `${Math.round(one)}/s to ${Math.round(thousand)}/s; ten users ${Math.round(ten)}/s`,
    },
    rounds: Object.fromEntries(
      [...samples].map(([name, rates]) => [name, rates.map((rate) => round(rate, 0))]),
    ),
  };
}
