import { createListKnex, type Knex } from '../../src/database/database.ts';
import { pageStatement } from '../../src/database/list-page.sql.ts';
import { type PaymentListQuery, paymentPageParts } from '../../src/payments/read/list-payments.sql.ts';
import { searchPageParts } from '../../src/payments/read/search-payments.sql.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { countRowsRead } from '../support/count-rows-read.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

/** How many rows a page and a search may look at. Not the code's own numbers, so that a limit raised by mistake fails here. */
const MOST_LOOKED_AT = 5000;
const MOST_SEARCHED = 50_000;

const PAYMENT_COUNT = 200_000;
const BUSY_USER = 1n;

let database: TestDatabase;
let api: TestApi;
let lists: Knex;

beforeAll(async () => {
  database = await createTestDatabase();
  // Nobody who waits for a lock gives up before the test has let it go.
  api = await startTestApi(database.databaseUrl, {
    DATABASE_LIST_TIMEOUT_SECONDS: '40',
    DATABASE_LOCK_TIMEOUT_SECONDS: '40',
    DATABASE_CONNECT_TIMEOUT_SECONDS: '40',
  });
  lists = createListKnex(database.databaseUrl, testConfig({ DATABASE_LIST_TIMEOUT_SECONDS: '30' }), 'test');
  // One user with nearly all payments, each settled but the very first ones, and others between them.
  await database.pool.query(`
    insert into payments (user_id, wallet_id, type, amount, fee, currency, status, reference)
    select case when n % 100 = 0 then 2 else 1 end, case when n <= 5 then 3 else 1 end,
           case when n = 1 then 'withdraw' else 'deposit' end, 100, 2, 'USD',
           case when n <= 2 then 'failed' when n = 3 then 'unknown' when n <= 5 then 'new' else 'success' end, n || '-x'
    from generate_series(1, ${PAYMENT_COUNT}) as n`);
  await database.pool.query(`
    insert into payment_tasks (payment_id, user_id) select id, user_id from payments where status = 'new'`);
  await database.pool.query(`
    insert into payment_inquiries (payment_id, user_id, next_ask_at)
    select id, user_id, now() from payments where status = 'unknown'`);
  await database.pool.query('analyze payments');
});
afterAll(async () => {
  await api.stop();
  await lists.destroy();
  await database.close();
});

/** How many rows of tables and indexes a list has looked at. */
const rowsReadFor = (query: PaymentListQuery) => countRowsRead(lists, pageStatement(paymentPageParts(query)));

const FILTERS: readonly Omit<PaymentListQuery, 'limit' | 'beforeId'>[] = [
  {},
  { type: 'withdraw' },
  { status: 'failed' },
  { status: 'processing' },
  { status: 'unknown' },
  { status: 'success', type: 'withdraw' },
  { status: 'unknown', type: 'withdraw' },
  { createdAfter: '2020-01-01T00:00:00.000000Z' },
  { createdBefore: '2020-01-01T00:00:00.000000Z' },
  { status: 'new', amounts: { currency: 'USD', leastMinor: 101n, mostMinor: null } },
].flatMap((filter) => [
  filter,
  { ...filter, userId: BUSY_USER },
  { ...filter, userId: 2n },
  { ...filter, userId: BUSY_USER, walletId: 3n },
]) as never;

test.each(FILTERS)('a page examines a bounded number of rows, whatever exists: %o', async (filter) => {
  for (const beforeId of [undefined, 100_000n]) {
    const page = { ...filter, limit: 50, ...(beforeId === undefined ? {} : { beforeId }) };
    const { rowCount, scans } = await rowsReadFor(page);
    // The index and the rows of what is looked at, and what is known beside each.
    expect(rowCount).toBeLessThanOrEqual(4 * MOST_LOOKED_AT);
    expect(scans.filter((scan) => scan.startsWith('Seq Scan on payments'))).toEqual([]);
  }
});

test('a list without a filter examines no more than its page', async () => {
  for (const user of [{}, { userId: BUSY_USER }])
    expect((await rowsReadFor({ ...user, limit: 50 })).rowCount).toBeLessThan(400);
});

test('old payments are found by going from page to page', async () => {
  const found: number[] = [];
  let pageCount = 0;
  for (let cursor = ''; ; ) {
    const { status, json, headers } = await api.get(
      `/api/v1/payments?user_id=${BUSY_USER}&status=failed&limit=10${cursor && `&cursor=${cursor}`}`,
    );
    expect(status).toBe(200);
    found.push(...json.items.map(({ payment_id }: { payment_id: number }) => payment_id));
    pageCount += 1;
    expect(headers.get('link') === null).toBe(json.next_cursor === null);
    if (json.next_cursor === null) break;
    cursor = json.next_cursor;
  }
  expect(found).toEqual([2, 1]);
  expect(pageCount).toBeGreaterThan((PAYMENT_COUNT * 0.98) / MOST_LOOKED_AT);
});

test('open payments of all users are found at once', async () => {
  const idsOf = async (query: string) =>
    (await api.get(`/api/v1/payments?${query}`)).json.items.map(
      (item: { payment_id: number }) => item.payment_id,
    );
  expect(await idsOf('status=processing')).toEqual([5, 4]);
  expect(await idsOf('status=unknown')).toEqual([3]);
  expect(await idsOf('status=success&limit=2')).toEqual([PAYMENT_COUNT, PAYMENT_COUNT - 1]);
});

test('pages of a filter have all payments once, in order', async () => {
  const ids: number[] = [];
  for (let path: string | undefined = '/api/v1/payments?user_id=2&type=deposit&limit=200'; path; ) {
    const { json, headers } = await api.get(path);
    ids.push(...json.items.map(({ payment_id }: { payment_id: number }) => payment_id));
    path = /<(.*)>/.exec(headers.get('link') ?? '')?.[1];
  }
  expect(ids).toEqual(Array.from({ length: PAYMENT_COUNT / 100 }, (_, index) => PAYMENT_COUNT - index * 100));
});

test('lists have connections of their own, and a short time limit', async () => {
  await api.get('/api/v1/payments?user_id=1&type=deposit');
  const { rows } = await database.pool.query(
    "select 1 from pg_stat_activity where datname = current_database() and application_name = 'tollgate-api-lists'",
  );
  expect(rows.length).toBeGreaterThan(0);
  expect((await api.get('/metrics')).text).toMatch(
    /tollgate_database_pool_connections\{pool="lists",state="idle"\} [1-9]/,
  );
  const { rows: settings } = await lists.raw('show statement_timeout');
  expect(settings).toEqual([{ statement_timeout: '30s' }]);
});

test('while every connection of lists is busy, a payment and a wallet are read all the same', async () => {
  const blocker = await database.pool.connect();
  try {
    await blocker.query('begin; lock table payment_dlq in access exclusive mode');
    const waiting = Array.from({ length: 20 }, () => api.get('/api/v1/dlq'));
    const reads = await Promise.all([api.get('/api/v1/users/1'), api.get('/api/v1/payments/1')]);
    expect(reads.map(({ status }) => status)).toEqual([404, 200]);
    await blocker.query('rollback');
    expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([200]));
  } finally {
    blocker.release(true);
  }
});

test('the open payments of a user are found by an index, however many there are of others', async () => {
  await database.pool.query(`
    insert into payment_inquiries (payment_id, user_id, next_ask_at)
    select n, 3, now() + interval '1 day' from generate_series(1000000, 1020000) as n`);
  await database.pool.query('analyze payment_inquiries');
  const { rows } = await database.pool.query(
    'explain (format json) select payment_id from payment_inquiries where user_id = 1',
  );
  expect(JSON.stringify(rows)).toContain('payment_inquiries_pkey');
});

test('a search by the reference of the gateway looks at a bounded number of payments, and says where it goes on', async () => {
  await database.pool.query("update payments set gateway_reference = 'gw-far-back' where id = 10");
  const parts = searchPageParts({ reference: 'gw-far-back', limit: 50 });
  const { rowCount, scans } = await countRowsRead(lists, pageStatement(parts));
  expect(rowCount).toBeLessThanOrEqual(3 * MOST_SEARCHED);
  expect(scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([]);

  const found: number[] = [];
  let pageCount = 0;
  const path = '/api/v1/payments/search?gateway_reference=gw-far-back';
  for (let next: string | undefined = path; next; pageCount += 1) {
    const { status, json, headers } = await api.get(next);
    expect(status).toBe(200);
    found.push(...json.items.map(({ payment_id }: { payment_id: number }) => payment_id));
    next = /<(.*)>/.exec(headers.get('link') ?? '')?.[1];
    expect(next === undefined).toBe(json.next_cursor === null);
  }
  expect(found).toEqual([10]);
  expect(pageCount).toBeGreaterThanOrEqual(PAYMENT_COUNT / MOST_SEARCHED);
  // With the user there is less to look at: the search of another user's payments ends at once.
  expect((await api.get(`${path}&user_id=2`)).json).toEqual({ items: [], next_cursor: null });
  for (const cursor of ['x', 'd5', ''])
    expect(await api.get(`${path}&cursor=${cursor}`)).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'cursor' }] },
    });
});
