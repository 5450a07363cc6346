import { giveRates, openWallet, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { startTestApi } from '../support/api-server.ts';
import { holdRows } from '../support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * Requests of one user for quotes take turns, and whoever waits for a turn in the database has a connection. What moves money must not wait
 * for such a connection, however many quotes somebody asks for.
 */

const PREVIEW = '/api/v1/currency/convert/preview';

let database: TestDatabase;
let world: PaymentWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  await giveRates(database, { EUR: '0.9154' });
});
afterAll(() => database.close());

async function newUser(): Promise<bigint> {
  const userId = await world.user();
  await openWallet(database, { userId, currency: 'EUR', amountMinor: 0n });
  return userId;
}
const bodyFor = (userId: bigint) => ({ user_id: Number(userId), from: 'USD', to: 'EUR', amount: 5 });

/** Another process that has the turn of a user, and does not give it back. */
const takeTurnOf = (userId: bigint) =>
  holdRows(database.databaseUrl, 'select pg_advisory_xact_lock(7301, hashint8($1))', [userId]);

async function waitingSessions(): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`,
  );
  return rows[0].count;
}

test('a flood of previews of one user leaves deposits, and the quotes of others, as they were', async () => {
  const api = await startTestApi(database.databaseUrl, {
    ...RATES_FROM_TESTS,
    DATABASE_POOL_SIZE: '4',
    // Nobody gets on by giving up.
    DATABASE_LOCK_TIMEOUT_SECONDS: '120',
    DATABASE_STATEMENT_TIMEOUT_SECONDS: '120',
    API_MAX_WAIT_SECONDS: '120',
    API_REQUEST_TIMEOUT_SECONDS: '120',
  });
  const [greedy, other] = [await newUser(), await newUser()];
  // Whatever is opened and prepared at first use is there.
  await api.post(PREVIEW, bodyFor(other));
  const turn = await takeTurnOf(greedy);
  let refusedCount = 0;
  const flood = Array.from({ length: 60 }, async () => {
    const answer = await api.post(PREVIEW, bodyFor(greedy));
    if (answer.json.code === 'overloaded') refusedCount += 1;
    return answer;
  });
  await waitUntil('a preview that waits', async () => (await waitingSessions()) > 0);

  for (const userId of [greedy, other]) {
    const deposit = await api.post('/api/v1/payments/deposit', { user_id: Number(userId), deposit: 5 });
    expect(deposit.status).toBe(202);
  }
  // One connection for one user, out of one for all users: the quotes of others wait, and what moves money does not.
  expect(await waitingSessions()).toBe(1);

  // All have come, and as many as may wait do: what comes later would find room again.
  await waitUntil('those that are too many', () => refusedCount === 9);
  await turn.letGo();
  const answers = await Promise.all(flood);
  expect(
    Object.fromEntries(
      [...Map.groupBy(answers, ({ json }) => json.code ?? 'offered')].map(([code, some]) => [
        code,
        some.length,
      ]),
    ),
  ).toEqual({ offered: 5, 'too-many-quotes': 46, overloaded: 9 });
  for (const { json, status, headers } of answers)
    if (json.code === 'overloaded') {
      expect([status, json.retry, headers.get('retry-after')]).toEqual([503, 'same-key', '1']);
    }
  expect((await api.post(PREVIEW, bodyFor(other))).status).toBe(200);
  await api.stop();
});

test('a preview whose turn another process does not give back is refused as busy, with nothing done', async () => {
  const api = await startTestApi(database.databaseUrl, {
    ...RATES_FROM_TESTS,
    DATABASE_LOCK_TIMEOUT_SECONDS: '0.2',
  });
  const userId = await newUser();
  const turn = await takeTurnOf(userId);
  const refused = await api.post(PREVIEW, bodyFor(userId));
  expect(refused).toMatchObject({ status: 503, json: { code: 'overloaded', retry: 'same-key' } });
  expect(refused.headers.get('retry-after')).toBe('1');
  await turn.letGo();
  expect((await api.post(PREVIEW, bodyFor(userId))).status).toBe(200);
  const { rows } = await database.pool.query('select 1 from conversion_quotes where user_id = $1', [userId]);
  expect(rows).toHaveLength(1);
  await api.stop();
});
