import { startTestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { createTollgate } from './run-tollgate.ts';

let database: TestDatabase;
let tollgate: ReturnType<typeof createTollgate>;

beforeAll(async () => {
  database = await createTestDatabase();
  tollgate = createTollgate({ DATABASE_URL: database.databaseUrl });
});
afterAll(async () => await database.close());

test('a user is shown with a wallet in each currency, in its own decimals', async () => {
  const api = await startTestApi(database.databaseUrl);
  const userId = await api.user('10.5');
  for (const currency of ['JPY', 'KWD']) await api.post(`/api/v1/users/${userId}/wallets`, { currency });
  await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 5 });
  await api.stop();
  await database.pool.query(`update accounts set posted = 1005 where user_id = $1 and currency = 'KWD'`, [
    userId,
  ]);

  const { code, output } = await tollgate.run(['users', 'show', `${userId}`]);
  expect(code).toBe(0);
  expect(output.split('\n').map((line) => line.trim().split(/ {2,}/).slice(0, 4))).toEqual([
    ['CURRENCY', 'BALANCE', 'HELD', 'AVAILABLE'],
    ['USD', '10.5', '5.1', '5.4'],
    ['JPY', '0', '0', '0'],
    ['KWD', '1.005', '0', '1.005'],
    [''],
  ]);
  const told = await tollgate.json(['users', 'show', `${userId}`]);
  expect(told).toMatchObject({ code: 0, user_id: userId });
  expect(told.wallets).toMatchObject([
    { currency: 'USD', posted_minor: '1050', held_minor: '510' },
    { currency: 'JPY', posted_minor: '0' },
    { currency: 'KWD', posted_minor: '1005' },
  ]);
});

test('a user who does not exist exits with 1, and something that is not an id with 64', async () => {
  const unknown = await tollgate.run(['users', 'show', '987654']);
  expect(unknown).toEqual({ code: 1, output: '', errors: 'There is no user 987654.\n' });
  expect((await tollgate.run(['users', 'show', 'x'])).code).toBe(64);
});
