import { checkLedger } from '../data/check-ledger.ts';
import { tidyUp } from '../data/databases.sql.ts';
import { readFootprint } from '../data/size.sql.ts';
import { USER_COUNT } from '../data/template.ts';
import type { PartContext, PartResult } from './part.ts';
import { startPipeline } from './pipeline.ts';
import { runSteadily } from './run-steadily.ts';

const SECONDS = 10;
const WARMUP_MS = 2000;
/** So many that the queue's own tables, which do not grow, hardly count. */
const LEAST_PAYMENTS = 20_000;
const MOST_WINDOWS = 20;

/**
 * What one payment costs on disk and in the write-ahead log, from its acceptance to its settlement: half are deposits and half
 * withdrawals, each with a key. The first payments are left out: they touch pages of the users for the first time, which puts the
 * whole of each page into the log once.
 */
export async function runSize(context: PartContext): Promise<PartResult> {
  const { server, children, options, say } = context;
  const { databaseUrl, api, readSettledCount } = await startPipeline(context, 'size');
  const load = await children.start({ name: 'load', script: 'bench/load/main.ts' });
  const pay = (windowMs: number) =>
    runSteadily({
      load,
      mix: { port: api.port, userCount: USER_COUNT },
      databaseUrl,
      readDoneCount: readSettledCount,
      warmupMs: 0,
      windowMs,
    });
  await pay(WARMUP_MS);
  await tidyUp(databaseUrl);
  const before = await readFootprint(databaseUrl);
  let acceptedCount = 0;
  for (let window = 0; window < MOST_WINDOWS && acceptedCount < LEAST_PAYMENTS; window += 1)
    acceptedCount += (await pay((options.seconds ?? SECONDS) * 1000)).acceptedCount;
  // Vacuum writes to the log, too, so its share is read before.
  const { walBytes } = await readFootprint(databaseUrl);
  await tidyUp(databaseUrl);
  const { tableBytes } = await readFootprint(databaseUrl);
  await children.stopAll();
  await checkLedger(databaseUrl, 'the payments that were measured');
  await server.dropDatabase('size');

  const perPayment = (bytes: number) => Math.round(bytes / acceptedCount);
  const tables = [...tableBytes]
    .map(([name, bytes]) => [name, bytes - (before.tableBytes.get(name) ?? 0)] as const)
    .filter(([, bytes]) => perPayment(bytes) !== 0)
    .toSorted(([, a], [, b]) => b - a);
  const diskBytes = perPayment(tables.reduce((sum, [, bytes]) => sum + bytes, 0));
  const logBytes = perPayment(walBytes - before.walBytes);
  const byTable = Object.fromEntries(tables.map(([name, bytes]) => [name, perPayment(bytes)]));
  say(`size: ${diskBytes} B on disk and ${logBytes} B of log for each of ${acceptedCount} payments`);
  return {
    disk_bytes: diskBytes,
    wal_bytes: logBytes,
    payments: acceptedCount,
    tables: byTable,
    figures: {
      disk_bytes: tables
        .slice(0, 4)
        .map(([name, bytes]) => `${name} ${perPayment(bytes)}`)
        .join(', '),
      wal_bytes: `over ${acceptedCount} payments`,
    },
  };
}
