import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createPool } from '../database/database.ts';
import { foldSystemAccounts } from './fold-system-accounts.ts';
import { readSystemBalance } from './read-balance.sql.ts';
import { selectSystemAccountSamples } from './sample-ledger.sql.ts';
import { TransactionIdsWentBack } from './server/decide-clock.ts';
import { findSystemAccounts } from './system-accounts.ts';

let database: TestDatabase;
let world: PaymentWorld;
beforeEach(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterEach(() => database.close());

async function stored(kind: string): Promise<bigint> {
  const { rows } = await database.pool.query(
    'select posted from accounts where user_id is null and kind = $1',
    [kind],
  );
  return rows[0].posted;
}

/** Transactions of other tests on the same server hold the watermark back for a moment. */
const foldUntil = async (equity: bigint, options = {}) =>
  waitUntil('a folded ledger', async () => {
    await foldSystemAccounts(database.pool, options);
    return (await stored('equity')) === equity;
  });

test('a backlog is folded in slices of a few entries, and its sum is that of all of them', async () => {
  for (let count = 0; count < 12; count += 1) await world.user(1000n);
  let slices = 0;
  await waitUntil('a folded ledger', async () => {
    slices += (await foldSystemAccounts(database.pool, { sliceEntries: 4 })).sliceCount;
    return (await stored('equity')) === -12_000n;
  });
  expect(slices).toBeGreaterThanOrEqual(6);
  expect(await world.violations()).toEqual([]);
});

test('a fold whose time is over leaves the rest to the next one, which continues there', async () => {
  for (let count = 0; count < 8; count += 1) await world.user(1000n);
  await waitUntil('a horizon that has all', async () => {
    const { rows } = await database.pool.query(
      'select pg_snapshot_xmin(pg_current_snapshot())::text::bigint > max(written_by_xid) as is_over from ledger_entries',
    );
    return rows[0].is_over;
  });
  const first = await foldSystemAccounts(database.pool, { sliceEntries: 2, runMs: 0 });
  expect(first).toMatchObject({ sliceCount: 1, isCaughtUp: false });
  expect(await readSystemBalance(database.knex, { kind: 'equity', currency: 'USD' })).toBe(-8000n);
  const between = await stored('equity');
  expect(between).toBeGreaterThan(-8000n);
  await foldUntil(-8000n, { sliceEntries: 2 });
});

test('a slice that exceeds the statement timeout is tried again with fewer entries', async () => {
  // One after the other: those that are asked for together are made by one transaction, which no slice can divide.
  for (let count = 0; count < 120; count += 1) await world.user(1000n);
  // Much at once is slow.
  await database.pool.query(`
    create function dawdle() returns trigger language plpgsql as $$
    begin
      if abs(new.posted - old.posted) > 60000 then perform pg_sleep(30); end if;
      return new;
    end $$;
    create trigger dawdle before update on accounts for each row when (old.user_id is null) execute function dawdle()`);
  const config = testConfig({ DATABASE_STATEMENT_TIMEOUT_SECONDS: '1' });
  const pool = createPool(database.databaseUrl, config, 'test', () => {});
  try {
    await waitUntil('a folded ledger', async () => {
      await foldSystemAccounts(pool, { sliceEntries: 400 });
      return (await stored('equity')) === -120_000n;
    });
  } finally {
    await pool.end();
  }
});

test('two folds at once count every entry once', async () => {
  for (let count = 0; count < 6; count += 1) await world.user(1000n);
  await Promise.all([1, 2, 3].map((sliceEntries) => foldSystemAccounts(database.pool, { sliceEntries })));
  await foldUntil(-6000n);
  expect(await world.violations()).toEqual([]);
});

test('an account that is opened late does not make the fold read the past again', async () => {
  await world.user(1000n);
  await foldUntil(-1000n);
  await findSystemAccounts(database.pool, 'EUR');
  const { rows } = await database.pool.query(
    `select min(folded_below) as least from accounts where user_id is null and currency = 'EUR'`,
  );
  const { rows: entries } = await database.pool.query(
    'select min(written_by_xid) as first from ledger_entries',
  );
  expect(rows[0].least).toBeGreaterThan(entries[0].first);
});

test('transaction ids that went back stop the fold with a sentence, and its lag is below zero', async () => {
  await world.user(1000n);
  await foldUntil(-1000n);
  await database.pool.query(
    'update accounts set folded_below = folded_below + 1000000000 where user_id is null',
  );
  await expect(foldSystemAccounts(database.pool)).rejects.toThrow(TransactionIdsWentBack);
  await expect(foldSystemAccounts(database.pool)).rejects.toThrow(/npx tollgate rebase/);
  const samples = await selectSystemAccountSamples(database.pool);
  expect(Math.min(...samples.map(({ foldLag }) => foldLag))).toBeLessThan(-900_000_000);
});
