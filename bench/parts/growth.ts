import { createPool } from '../../src/database/database.ts';
import { foldSystemAccounts } from '../../src/ledger/fold-system-accounts.ts';
import { parseConfig } from '../../src/process/settings/config.ts';
import { checkLedger } from '../data/check-ledger.ts';
import { inClientTransaction, withClient } from '../data/databases.sql.ts';
import { fillHistory, type History } from '../data/fill-history.sql.ts';
import { fillOurQueue } from '../data/fill-queues.ts';
import { TEMPLATE, USER_COUNT } from '../data/template.ts';
import { median, round } from '../report/statistics.ts';
import { DRAIN_WORKER_SETTINGS, drainOnce } from './drain.ts';
import { interleave, type PartContext, type PartResult } from './part.ts';

const HISTORY: History = { finishedCount: 1_000_000, scheduledCount: 200_000, deadLetterCount: 100_000 };
const ROUNDS = 3;
const SECONDS = 2;
/** What is worked off in one turn. */
const WAITING_COUNT = 30_000;

/** How fast our own queue is worked off beside what a system gathers with time, against empty tables. */
export async function runGrowth(context: PartContext): Promise<PartResult> {
  const { server, children, options, say } = context;
  const emptyUrl = await server.createDatabase('growth_empty', { from: TEMPLATE });
  const fullUrl = await server.createDatabase('growth_full', { from: TEMPLATE });
  const filledAt = performance.now();
  await withClient(fullUrl, (client) =>
    inClientTransaction(client, () => fillHistory(client, { ...HISTORY, userCount: USER_COUNT })),
  );
  await fold(fullUrl);
  say(`growth: the history was written in ${Math.round((performance.now() - filledAt) / 1000)} s`);

  const contenderOf = async (name: string, databaseUrl: string, parkedCount: number) => {
    const child = await children.start({
      name: `growth-${name}`,
      script: 'bench/drain/ours.ts',
      env: { DATABASE_URL: databaseUrl, ...DRAIN_WORKER_SETTINGS },
    });
    const windowMs = (options.seconds ?? SECONDS) * 1000;
    const fill = fillOurQueue;
    const waitingCount = WAITING_COUNT;
    return {
      name,
      measure: () => drainOnce({ child, databaseUrl, fill, windowMs, waitingCount, parkedCount }),
    };
  };
  const contenders = [
    await contenderOf('full', fullUrl, HISTORY.scheduledCount),
    await contenderOf('empty', emptyUrl, 0),
  ];
  const samples = await interleave(contenders, {
    rounds: options.rounds ?? ROUNDS,
    onSample: (name, { perSecond }) => say(`growth ${name}: ${Math.round(perSecond)}/s`),
  });
  await children.stopAll();
  await checkLedger(fullUrl, 'the database with a history');
  await checkLedger(emptyUrl, 'the empty database');
  await server.dropDatabase('growth_full');
  await server.dropDatabase('growth_empty');

  const rate = (name: string) => median((samples.get(name) ?? []).map(({ perSecond }) => perSecond));
  const [full, empty] = [rate('full'), rate('empty')];
  return {
    full: round(full, 0),
    empty: round(empty, 0),
    ratio: round(full / empty, 2),
    history: HISTORY,
    figures: { ratio: `${Math.round(full)}/s to ${Math.round(empty)}/s` },
    rounds: Object.fromEntries(
      [...samples].map(([name, reports]) => [name, reports.map(({ perSecond }) => round(perSecond, 0))]),
    ),
  };
}

/** The worker does it every minute; a history that nobody ever folded would not be one. */
async function fold(databaseUrl: string): Promise<void> {
  const patient = parseConfig({ DATABASE_STATEMENT_TIMEOUT_SECONDS: '120' });
  const pool = createPool(databaseUrl, patient, 'bench-fold', () => {});
  await foldSystemAccounts(pool).finally(() => pool.end());
}
