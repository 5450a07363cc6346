import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { accountsByCurrency, findSystemAccounts } from './system-accounts.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

const countOpen = async (currency: string) => {
  const { rows } = await database.pool.query(
    'select count(*)::int as count from accounts where user_id is null and currency = $1',
    [currency],
  );
  return rows[0].count;
};

test('a transaction gets the open accounts by currency', async () => {
  const dollars = await findSystemAccounts(database.pool, 'USD');
  const euros = await findSystemAccounts(database.pool, 'EUR');
  const accountsOf = await inTransaction(database.pool, (transaction) =>
    accountsByCurrency(transaction, ['EUR', 'USD', 'EUR']),
  );
  expect([accountsOf('USD'), accountsOf('EUR')]).toEqual([dollars, euros]);
  expect(() => accountsOf('JPY')).toThrow('JPY were not asked for');
});

test('accounts whose transaction was rolled back are opened again by the next one on the same connection', async () => {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await accountsByCurrency(client, ['GBP']);
    await accountsByCurrency(client, ['GBP']);
    await client.query('rollback');
    expect(await countOpen('GBP')).toBe(0);
    await client.query('begin');
    const accountsOf = await accountsByCurrency(client, ['GBP']);
    await client.query('commit');
    expect(accountsOf('GBP')).toEqual(await findSystemAccounts(database.pool, 'GBP'));
  } finally {
    client.release();
  }
});
