import { makeDeadLetters } from '../builders/dead-letters.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

interface Item {
  readonly id: number;
}

/** Goes through a list as a client does, page after page, and lets something happen after each. */
async function walk(path: string, afterPage: (items: readonly Item[]) => Promise<void> = async () => {}) {
  const found: Item[] = [];
  for (let next: string | undefined = path; next; ) {
    const { status, json, headers } = await api.get(next);
    expect(status).toBe(200);
    expect(Object.keys(json).sort()).toEqual(['items', 'next_cursor']);
    found.push(...json.items);
    await afterPage(json.items);
    next = /<(.*)>/.exec(headers.get('link') ?? '')?.[1];
    expect(next !== undefined).toBe(json.next_cursor !== null);
  }
  return found;
}
const idsOf = (items: readonly Item[]) => items.map(({ id }) => id);
const newestFirst = (ids: readonly (bigint | number)[]) => ids.map(Number).toSorted((a, b) => b - a);

/** Each list, with a row of its own to page over. */
const LISTS: Readonly<Record<string, string>> = {
  '/api/v1/dlq': 'dlq',
  '/api/v1/integrity/violations': 'violations',
  '/api/v1/reconciliation/reports': 'reports',
  '/api/v1/reconciliation/exceptions': 'exceptions',
  '/api/v1/bulk-redrives': 'bulk',
  '/api/v1/unknown-payments': 'unknown',
  '/api/v1/payments': 'payments',
  '/api/v1/order-holds': 'holds',
  '/api/v1/currency/quotes': 'quotes',
  '/api/v1/currency/conversions': 'conversions',
};

describe('450 dead letters', () => {
  let letters: bigint[];
  beforeAll(async () => {
    letters = await makeDeadLetters(database, world, { count: 450 });
  });

  test('are seen once each, while ten more arrive', async () => {
    let isFirst = true;
    const seen = await walk('/api/v1/dlq?limit=50', async () => {
      if (isFirst) await makeDeadLetters(database, world, { count: 10 });
      isFirst = false;
    });
    expect(idsOf(seen)).toEqual(newestFirst(letters));
  });

  test('are all redriven by somebody who redrives page by page', async () => {
    const before = newestFirst(
      (await database.pool.query('select id from payment_dlq where action is null')).rows.map(({ id }) => id),
    );
    const seen = await walk('/api/v1/dlq?state=open&limit=50', async (items) => {
      for (const { id } of items) {
        const answer = await api.post(`/api/v1/dlq/${id}/redrive`, { by: 'ana' });
        expect(answer.status).toBe(200);
      }
    });
    expect(idsOf(seen)).toEqual(before);
    expect((await api.get('/api/v1/dlq?state=open')).json.items).toEqual([]);
  });
});

describe.each(Object.keys(LISTS))('%s', (path) => {
  const and = path.includes('?') ? '&' : '?';

  test('refuses an offset, and says what to use', async () => {
    for (const name of ['offset', 'page', 'skip']) {
      const { status, json } = await api.get(`${path}${and}${name}=10`);
      expect(status).toBe(422);
      expect(json.errors).toEqual([
        { field: name, message: expect.stringContaining('send the next_cursor of this page as cursor') },
      ]);
    }
  });

  test.each(['abc', '', '5', 'cDU', '-1', 'd0', "'; select 1", 'A'.repeat(1000), '%00'])(
    'refuses the cursor %j by name',
    async (cursor) => {
      const answer = await api.get(`${path}${and}cursor=${cursor}`);
      expect(answer).toMatchObject({ status: 422, json: { code: 'validation-failed' } });
      expect(answer.json.errors).toMatchObject([{ field: 'cursor' }]);
    },
  );

  test.each(['0', '201', '1.5', '-1', 'ten', ''])('refuses the limit %j', async (limit) => {
    const answer = await api.get(`${path}${and}limit=${limit}`);
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: 'limit' }] } });
  });

  test.each([
    ['created_after=yesterday', 'created_after'],
    ['created_before=2026-02-30T00:00:00Z', 'created_before'],
    ['created_before=2026-01-01', 'created_before'],
    ['created_before=0000-01-01T00:00:00Z', 'created_before'],
    ['created_before=2026-01-01T00:00:00', 'created_before'],
    ['created_after=2026-01-01T00:00:00Z&created_before=2026-01-01T00:00:00Z', 'created_before'],
    ['created_after=2026-01-01T01:00:00Z&created_before=2026-01-01T01:59:59%2B01:00', 'created_before'],
    ['created_after=2026-01-01T00:00:00Z&created_after=2026-01-01T00:00:00Z', 'created_after'],
  ])('refuses %s', async (query, field) => {
    const answer = await api.get(`${path}${and}${query}`);
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ field }] } });
  });

  test('says that a plus sign must be escaped', async () => {
    const answer = await api.get(`${path}${and}created_after=2026-01-01T00:00:00+01:00`);
    expect(answer.json.errors).toMatchObject([{ field: 'created_after' }]);
    expect(answer.json.errors[0].message).toContain('%2B');
  });
});

describe('a cursor', () => {
  async function cursorOf(path: string): Promise<string> {
    const { json } = await api.get(path);
    expect(json.next_cursor).toEqual(expect.any(String));
    return json.next_cursor;
  }

  test('of another list is refused', async () => {
    const cursor = await cursorOf('/api/v1/dlq?limit=1');
    for (const path of Object.keys(LISTS).filter((list) => list !== '/api/v1/dlq')) {
      const answer = await api.get(`${path}?cursor=${cursor}`);
      expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: 'cursor' }] } });
      expect(answer.json.errors[0].message).toContain('another list');
    }
    const userId = await api.user();
    expect(await api.get(`/api/v1/users/${userId}/statement?cursor=${cursor}`)).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'cursor' }] },
    });
  });

  test('is a place in the list, whatever filter is used from there on', async () => {
    const cursor = await cursorOf('/api/v1/dlq?limit=1&reason=refused');
    expect((await api.get(`/api/v1/dlq?state=all&limit=7&cursor=${cursor}`)).json.items).toHaveLength(7);
  });
});

describe('dead letters are narrowed', () => {
  let users: bigint[];
  let cheap: bigint[];
  let dear: bigint[];
  const list = async (query: string) => newestFirst(idsOf(await walk(`/api/v1/dlq?${query}`)));

  beforeAll(async () => {
    users = [await world.user(), await world.user()];
    cheap = await makeDeadLetters(database, world, { count: 3, userId: users[0]!, amountMinor: 1000n });
    dear = await makeDeadLetters(database, world, {
      count: 3,
      userId: users[1]!,
      amountMinor: 700_050n,
      reason: 'attempts_exhausted',
    });
  });

  test('to amounts, both bounds included', async () => {
    expect(await list('amount_min=7000.50&limit=2')).toEqual(newestFirst(dear));
    expect(await list('amount_min=7000.51')).toEqual([]);
    expect(await list(`amount_max=10&user_id=${users[0]}`)).toEqual(newestFirst(cheap));
    expect(await list(`amount_max=9.99&user_id=${users[0]}`)).toEqual([]);
  });

  test('to a time, the first moment included and the last one not', async () => {
    const at = (offset: string) =>
      database.pool
        .query(
          `select to_char(created_at at time zone 'utc' + $2, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at from payment_dlq where id = $1`,
          [dear[0], offset],
        )
        .then(({ rows }) => rows[0].at);
    const [made, after] = [await at('0'), await at('1 microsecond')];
    expect(await list(`created_after=${made}&user_id=${users[1]}`)).toEqual(newestFirst(dear));
    expect(await list(`created_after=${after}&user_id=${users[1]}`)).toEqual([]);
    expect(await list(`created_before=${made}&user_id=${users[1]}`)).toEqual([]);
    expect(await list(`created_after=${made}&created_before=${after}&limit=1`)).toEqual(newestFirst(dear));
  });

  test('to a reason, a type and a user', async () => {
    expect(await list(`reason=attempts_exhausted`)).toEqual(newestFirst(dear));
    expect(await list(`reason=attempts_exhausted&type=withdraw`)).toEqual([]);
    expect(await list(`user_id=${users[0]}&type=deposit&state=open&limit=1`)).toEqual(newestFirst(cheap));
  });

  test.each([
    ['amount_min=x', 'amount_min'],
    ['amount_min=1.001', 'amount_min'],
    ['amount_max=-1', 'amount_max'],
    ['amount_min=5&amount_max=4.99', 'amount_max'],
  ])('by %s is refused', async (query, field) => {
    for (const path of ['/api/v1/dlq', '/api/v1/payments'])
      expect(await api.get(`${path}?${query}`)).toMatchObject({
        status: 422,
        json: { errors: [{ field }] },
      });
  });
});
