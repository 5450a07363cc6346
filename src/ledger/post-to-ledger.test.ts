import fc from 'fast-check';
import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { checkIntegrity } from '../../test/support/check-integrity.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { foldSystemAccounts } from './fold-system-accounts.ts';
import { postToLedger } from './post-to-ledger.ts';
import { type Leg, mergeLegs, type Posting, sumBalanceChanges } from './posting.ts';
import { readSystemBalance } from './read-balance.sql.ts';
import { findSystemAccounts, type SystemAccounts } from './system-accounts.ts';

let database: TestDatabase;
let world: PaymentWorld;
let accounts: SystemAccounts;
let referenceCount = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  accounts = await findSystemAccounts(database.pool, 'USD');
});
afterAll(() => database.close());

async function walletOf(userId: bigint): Promise<bigint> {
  const { rows } = await database.pool.query('select id from accounts where user_id = $1', [userId]);
  return rows[0].id;
}
function transfer(walletId: bigint, amountMinor: bigint, changes: Partial<Posting> = {}): Posting {
  referenceCount += 1;
  return {
    reference: `test:${referenceCount}`,
    step: 'move',
    userId: null,
    legs: [
      { accountId: accounts.gateway, balance: 'folded', amountMinor: -amountMinor, currency: 'USD' },
      { accountId: walletId, balance: 'kept', amountMinor, currency: 'USD' },
    ],
    ...changes,
  };
}
const post = (...postings: Posting[]) =>
  inTransaction(database.pool, (transaction) => postToLedger(transaction, postings));

test('a posting that does not sum to zero is refused before anything is written', async () => {
  const before = await world.count('ledger_entries');
  const walletId = await walletOf(await world.user(0n));
  const leg: Leg = { accountId: walletId, balance: 'kept', amountMinor: 1n, currency: 'USD' };
  await expect(post(transfer(walletId, 1n, { legs: [leg] }))).rejects.toThrow('does not sum to zero');
  // In all, the two currencies sum to zero.
  const other: Leg = {
    ...leg,
    accountId: accounts.gateway,
    balance: 'folded',
    amountMinor: -1n,
    currency: 'EUR',
  };
  await expect(post(transfer(walletId, 1n, { legs: [leg, other] }))).rejects.toThrow(
    'does not sum to zero: 1 in USD',
  );
  expect(await world.count('ledger_entries')).toBe(before);
});

test('a wallet gets nothing in a currency other than its own', async () => {
  const walletId = await walletOf(await world.user(0n));
  const euros = await findSystemAccounts(database.pool, 'EUR');
  const legs: Leg[] = [
    { accountId: euros.gateway, balance: 'folded', amountMinor: -5n, currency: 'EUR' },
    { accountId: walletId, balance: 'kept', amountMinor: 5n, currency: 'EUR' },
  ];
  await expect(post(transfer(walletId, 5n, { legs }))).rejects.toThrow('in the currency of its wallet');
  const twice = [...transfer(walletId, 5n).legs, ...legs];
  await expect(post(transfer(walletId, 5n, { legs: twice }))).rejects.toThrow('amounts in USD and in EUR');
  expect(await world.violations()).toEqual([]);
});

test('a step that was posted before is refused by the database', async () => {
  const walletId = await walletOf(await world.user(0n));
  const posting = transfer(walletId, 100n);
  await post(posting);
  await expect(post(posting)).rejects.toMatchObject({ constraint: 'ledger_transactions_step_once' });
});

test('a wallet never goes below its floor, whoever posts', async () => {
  const walletId = await walletOf(await world.user(100n));
  await expect(post(transfer(walletId, -101n))).rejects.toMatchObject({ constraint: 'accounts_overdraft' });
  await post(transfer(walletId, -100n));
});

test.each([
  'update ledger_entries set amount = 1',
  'delete from ledger_entries',
  'truncate ledger_entries',
  'delete from ledger_transactions',
  'delete from payments',
  'delete from accounts',
])('"%s" is refused: the past stays as it was written', async (statement) => {
  await expect(database.pool.query(statement)).rejects.toThrow('is not allowed');
});

test('the fold counts each entry once, however often and by how many processes it is run', async () => {
  const walletId = await walletOf(await world.user(0n));
  const before = await readSystemBalance(database.knex, { kind: 'gateway', currency: 'USD' });
  for (let round = 0; round < 5; round += 1) {
    await post(transfer(walletId, 10n), transfer(walletId, 5n));
    await Promise.all([foldSystemAccounts(database.pool), foldSystemAccounts(database.pool)]);
  }
  expect(await readSystemBalance(database.knex, { kind: 'gateway', currency: 'USD' })).toBe(before - 75n);
  // Transactions of other tests on the same server hold the watermark back for a moment.
  await waitUntil('a folded balance', async () => {
    await foldSystemAccounts(database.pool);
    const { rows } = await database.pool.query('select posted from accounts where id = $1', [
      accounts.gateway,
    ]);
    return rows[0].posted === before - 75n;
  });
});

test('the fold leaves out a transaction that is still open, and counts it after its commit', async () => {
  const walletId = await walletOf(await world.user(0n));
  const before = await readSystemBalance(database.knex, { kind: 'gateway', currency: 'USD' });
  await inTransaction(database.pool, async (transaction) => {
    await postToLedger(transaction, [transfer(walletId, 10n)]);
    await post(transfer(await walletOf(await world.user(0n)), 7n));
    await foldSystemAccounts(database.pool);
    expect(await readSystemBalance(database.knex, { kind: 'gateway', currency: 'USD' })).toBe(before - 7n);
  });
  await foldSystemAccounts(database.pool);
  expect(await readSystemBalance(database.knex, { kind: 'gateway', currency: 'USD' })).toBe(before - 17n);
});

test('the integrity check finds a balance that somebody changed by hand', async () => {
  const userId = await world.user(500n);
  await database.pool.query('update accounts set posted = posted + 1 where user_id = $1', [userId]);
  const violations = await checkIntegrity(database.knex);
  await database.pool.query('update accounts set posted = posted - 1 where user_id = $1', [userId]);
  expect(violations).toMatchObject([{ rule: 'balance_equals_entries' }]);
  expect(await checkIntegrity(database.knex)).toEqual([]);
});

test('the integrity check finds entries that do not sum to zero', async () => {
  const walletId = await walletOf(await world.user(0n));
  const client = await database.pool.connect();
  try {
    await client.query(
      'insert into ledger_entries (account_id, transaction_id, amount) values ($1, 999999999, 3)',
      [walletId],
    );
    await client.query('update accounts set posted = posted + 3 where id = $1', [walletId]);
    expect(await checkIntegrity(database.knex)).toMatchObject([
      { rule: 'transaction_sums_to_zero', subject: 'ledger transaction 999999999' },
    ]);
    await client.query(
      'insert into ledger_entries (account_id, transaction_id, amount) values ($1, 999999999, -3)',
      [accounts.gateway],
    );
  } finally {
    client.release();
  }
  expect(await world.violations()).toEqual([]);
});

test('merging legs keeps every sum, and drops what adds up to nothing', () => {
  const legs = fc.array(
    fc.record<Leg>({
      accountId: fc.bigInt({ min: 1n, max: 4n }),
      balance: fc.constant('kept' as const),
      amountMinor: fc.bigInt({ min: -50n, max: 50n }),
      currency: fc.constant('USD'),
    }),
    { maxLength: 20 },
  );
  const posting = (ofLegs: readonly Leg[]): Posting => ({
    reference: 'r',
    step: 's',
    userId: null,
    legs: ofLegs,
  });
  fc.assert(
    fc.property(legs, (before) => {
      const after = mergeLegs(before);
      expect(sumBalanceChanges([posting(after)], [])).toEqual(sumBalanceChanges([posting(before)], []));
      expect(after.every((leg) => leg.amountMinor !== 0n)).toBe(true);
      expect(new Set(after.map(({ accountId }) => accountId)).size).toBe(after.length);
    }),
  );
});

test('random concurrent postings follow every rule of the ledger', async () => {
  const walletIds = await Promise.all(
    Array.from({ length: 4 }, async () => walletOf(await world.user(10_000n))),
  );
  const moves = fc.array(
    fc.record({
      wallet: fc.integer({ min: 0, max: 3 }),
      amount: fc.bigInt({ min: -8000n, max: 8000n }).filter((amount) => amount !== 0n),
    }),
    { minLength: 5, maxLength: 25 },
  );
  await fc.assert(
    fc.asyncProperty(moves, async (commands) => {
      await Promise.allSettled(
        commands.map(({ wallet, amount }) => post(transfer(walletIds[wallet] as bigint, amount))),
      );
      expect(await world.violations()).toEqual([]);
    }),
    { numRuns: 15 },
  );
});
