import { randomUUID } from 'node:crypto';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { rawRequest } from '../support/raw-request.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const TIME = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/);
const LARGEST = 2 ** 43 - 1;
/** Numbers that nothing else in this file uses. */
let nextNumber = 1_000_000;
const freeNumber = () => {
  nextNumber += 1;
  return nextNumber;
};
const create = (user: number | string, body: object = {}, headers: Record<string, string> = {}) =>
  api.post(`/api/v1/accounts/${user}`, body, headers);
const createByHeader = (user: number | string, body: object = {}, headers: Record<string, string> = {}) =>
  api.post('/api/v1/accounts', body, { 'X-User-Id': String(user), ...headers });
const createInBody = (body: object, headers: Record<string, string> = {}) =>
  api.post('/api/wallet/create', body, headers);
const balanceByHeader = (user: number | string, query = '') =>
  api.request('GET', `/api/v1/accounts/balance${query}`, { headers: { 'X-User-Id': String(user) } });

async function countUsers(user: string): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(*)::int as count from users where external_id::text = $1 or id::text = $1`,
    [user],
  );
  return rows[0].count;
}

/** What a system calls a user, and the three calls by which a client creates one under this name. */
const creations = {
  'the path of an account': (user: number | string, headers?: Record<string, string>) =>
    create(user, {}, headers),
  'the header': (user: number | string, headers?: Record<string, string>) =>
    createByHeader(user, {}, headers),
  'the body': (user: number | string, headers?: Record<string, string>) =>
    createInBody({ user_id: user }, headers),
};

describe.each(Object.entries(creations))('a user who is named in %s', (_place, createUser) => {
  test.each([
    ['a UUID', () => randomUUID()],
    ['a number', freeNumber],
  ])('by %s is created once, with an empty wallet, and is the answer afterwards', async (_form, draw) => {
    const user = draw();
    const first = await createUser(user);
    expect(first).toMatchObject({
      status: 201,
      json: {
        user_id: user,
        balance: 0,
        balance_minor: '0',
        currency: 'USD',
        created_at: TIME,
        updated_at: first.json.created_at,
      },
    });
    const again = await createUser(user);
    expect(again).toMatchObject({ status: 200, json: first.json });
    expect(await countUsers(String(user))).toBe(1);
    const location = again.headers.get('location') ?? '';
    expect(location).toBe(first.headers.get('location'));
    expect((await api.get(location)).status).toBe(200);
  });

  test('with a key gets the first answer again', async () => {
    const user = randomUUID();
    const headers = { 'X-Idempotency-Key': `create ${user}`.replace(' ', '-') };
    const first = await createUser(user, headers);
    const replayed = await createUser(user, headers);
    expect([first.status, replayed.status]).toEqual([201, 201]);
    expect(replayed.text).toBe(first.text);
    expect(replayed.headers.get('idempotency-replayed')).toBe('true');
    expect(replayed.headers.get('location')).toBe(first.headers.get('location'));
    expect(await createUser(randomUUID(), headers)).toMatchObject({
      status: 422,
      json: { code: 'idempotency-key-reused' },
    });
  });

  test('is one user, however many clients create them at once', async () => {
    for (const user of [randomUUID(), freeNumber()]) {
      const got = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          createUser(typeof user === 'string' && n % 2 === 1 ? user.toUpperCase() : user),
        ),
      );
      expect(got.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(got.filter(({ status }) => status === 200)).toHaveLength(49);
      expect(new Set(got.map(({ json }) => json.user_id))).toEqual(new Set([user]));
      expect(await countUsers(String(user))).toBe(1);
    }
  });
});

describe('a UUID', () => {
  test('may be written in upper or lower case, and is answered in lower case', async () => {
    const user = randomUUID();
    expect((await create(user.toUpperCase())).json.user_id).toBe(user);
    expect(await create(user)).toMatchObject({ status: 200, json: { user_id: user } });
    expect((await api.get(`/api/wallet/${user.toUpperCase()}`)).json.user_id).toBe(user);
    expect((await balanceByHeader(user.toUpperCase())).json.user_id).toBe(user);
  });

  test('names a user who has a number as well, and both lead to the same wallet', async () => {
    const user = randomUUID();
    await create(user);
    const { rows } = await database.pool.query('select id::int from users where external_id = $1', [user]);
    const [{ id }] = rows;
    const byNumber = await api.get(`/api/wallet/${id}`);
    expect(byNumber.json).toEqual((await api.get(`/api/wallet/${user}`)).json);
    expect((await api.get(`/api/v1/users/${id}`)).json).toMatchObject({ id, external_id: user });
  });

  test('names the user in every call about an account', async () => {
    const user = randomUUID();
    await create(user);
    const other = randomUUID();
    await create(other);
    const { rows } = await database.pool.query('select id::int from users where external_id = $1', [user]);
    const [{ id }] = rows;
    await world.accept(BigInt(id), { type: 'deposit', amountMinor: 10_000n });
    await carryOut();

    const order = { order_id: 'order-1' };
    const held = await api.post(`/api/v1/accounts/${user}/hold`, { ...order, amount: 30 });
    expect(held).toMatchObject({ status: 201, json: { user_id: id, amount: 30 } });
    expect((await api.get(`/api/v1/accounts/${user}/hold?order_id=order-1`)).json).toEqual(held.json);
    expect((await api.get(`/api/v1/accounts/${user.toUpperCase()}`)).json).toMatchObject({
      user_id: id,
      external_id: user,
      balance: 98,
      held: 30,
      holds: [held.json],
    });
    const part = { ...order, amount: 10, to_user_id: other, final: false };
    expect(await api.post(`/api/v1/accounts/${user}/capture`, part)).toMatchObject({
      status: 200,
      json: { captured: 10, remaining: 20 },
    });
    expect((await api.get(`/api/wallet/${other}`)).json.balance).toBe(10);
    expect(await api.post(`/api/v1/accounts/${id}/release`, order)).toMatchObject({
      status: 200,
      json: { released: 20 },
    });
    expect(await api.post(`/api/v1/accounts/${user}/release`, order)).toMatchObject({
      status: 409,
      json: { code: 'hold-ended' },
    });
  });

  test('that no user was created with is a user who does not exist', async () => {
    const user = randomUUID();
    const asked = [
      ['user_id', await api.get(`/api/v1/accounts/${user}`)],
      ['user_id', await api.get(`/api/v1/accounts/${user}/hold?order_id=a`)],
      ['user_id', await api.post(`/api/v1/accounts/${user}/hold`, { order_id: 'a', amount: 1 })],
      ['user_id', await api.post(`/api/v1/accounts/${user}/capture`, { order_id: 'a' })],
      ['user_id', await api.post(`/api/v1/accounts/${user}/release`, { order_id: 'a' })],
      ['user_id', await api.post(`/api/v1/accounts/${user}/deposit`, { amount: 1 })],
      ['user_id', await api.get(`/api/wallet/${user}`)],
      ['user_id', await api.post(`/api/wallet/${user}/deposit`, { amount: 1 })],
      ['X-User-Id', await balanceByHeader(user)],
      ['X-User-Id', await api.post('/api/v1/accounts/deposit', { amount: 1 }, { 'X-User-Id': user })],
    ] as const;
    for (const [field, answer] of asked) {
      expect(answer).toMatchObject({ status: 404, json: { code: 'user-not-found', errors: [{ field }] } });
      expect(answer.json.detail).toContain(user);
    }
  });
});

test.each([freeNumber(), LARGEST - 7])('a number that is nobody’s is not found: %s', async (user) => {
  for (const answer of [
    await api.get(`/api/wallet/${user}`),
    await api.post(`/api/wallet/${user}/deposit`, { amount: 1 }),
    await api.post(`/api/v1/accounts/${user}/deposit`, { amount: 1 }),
    await balanceByHeader(user),
  ])
    expect(answer).toMatchObject({ status: 404, json: { code: 'user-not-found' } });
});

describe('numbers that clients choose', () => {
  test('are passed over by those that are drawn', async () => {
    const { rows } = await database.pool.query(
      `select case when is_called then last_value else 0 end::int as last from users_id_seq`,
    );
    const { last } = rows[0];
    for (const ahead of [3, 5, 6]) expect((await create(last + ahead)).status).toBe(201);
    const drawn = [];
    for (let count = 0; count < 7; count += 1) drawn.push(await api.user(0));
    expect(drawn).toEqual([1, 2, 4, 7, 8, 9, 10].map((ahead) => last + ahead));
  });

  test('are passed over even where very many of them lie ahead', async () => {
    const { rows } = await database.pool.query('select last_value::int as last from users_id_seq');
    const { last } = rows[0];
    await database.pool.query(
      'insert into users (id) select $1::bigint + n from generate_series(1, 20000) as n',
      [last],
    );
    expect(await api.user(0)).toBe(last + 20_001);
    expect(await api.user(0)).toBe(last + 20_002);
  });

  test('and those that are drawn at the same moment are all different', async () => {
    const { rows } = await database.pool.query('select last_value::int as last from users_id_seq');
    const chosen = Array.from({ length: 20 }, (_, n) => rows[0].last + 1 + 2 * n);
    const [byNumber, drawn] = await Promise.all([
      Promise.all(chosen.map((user) => create(user))),
      Promise.all(Array.from({ length: 20 }, () => api.post('/api/v1/users', { balance: 1 }))),
    ]);
    expect(drawn.map(({ status }) => status)).toEqual(Array(20).fill(201));
    const drawnIds = drawn.map(({ json }) => json.id);
    expect(new Set(drawnIds).size).toBe(20);
    // A number that was drawn a moment before it was chosen is a user who exists.
    for (const [index, { status, json }] of byNumber.entries()) {
      expect(json.user_id).toBe(chosen[index]);
      expect(status).toBe(drawnIds.includes(chosen[index]) ? 200 : 201);
    }
  });

  test('leave room above them, and do not use up those that are drawn', async () => {
    expect((await create(LARGEST)).status).toBe(201);
    for (const user of [LARGEST + 1, Number.MAX_SAFE_INTEGER, '9223372036854775807', '9'.repeat(400)]) {
      const range = { message: `must be from 1 to ${LARGEST}, or a UUID` };
      expect(await create(user)).toMatchObject({
        status: 422,
        json: { code: 'validation-failed', errors: [{ field: 'user_id', ...range }] },
      });
      expect(await createByHeader(user)).toMatchObject({
        status: 400,
        json: { code: 'user-header-malformed', errors: [{ field: 'X-User-Id', ...range }] },
      });
    }
    for (const user of [`${LARGEST + 1}`, '9223372036854775807', '1e30'])
      expect(await api.post('/api/wallet/create', `{"user_id": ${user}}`)).toMatchObject({
        status: 422,
        json: { code: 'validation-failed', errors: [{ field: 'user_id' }] },
      });
    expect(await api.user(0)).toBeLessThan(2 ** 31);
  });

  test('and a user without one is another one each time', async () => {
    const first = await createInBody({});
    const second = await api.post('/api/wallet/create', '');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json.user_id).toBeGreaterThan(first.json.user_id);
    expect(second.headers.get('location')).toBe(`/api/wallet/${second.json.user_id}`);
    const keyed = { 'Idempotency-Key': randomUUID() };
    const made = await createInBody({}, keyed);
    const replayed = await createInBody({}, keyed);
    expect(replayed.text).toBe(made.text);
    expect(replayed.headers.get('location')).toBe(made.headers.get('location'));
  });
});

describe('a wallet in a currency', () => {
  test('that is named is opened with the user, and no other afterwards', async () => {
    const user = randomUUID();
    expect(await create(user, { currency: 'JPY' })).toMatchObject({ status: 201, json: { currency: 'JPY' } });
    expect(await create(user, { currency: 'JPY' })).toMatchObject({ status: 200, json: { currency: 'JPY' } });
    for (const answer of [await create(user), await createInBody({ user_id: user, currency: 'EUR' })])
      expect(answer).toMatchObject({
        status: 409,
        json: { code: 'wallet-not-found', errors: [{ field: 'currency' }] },
      });
    expect((await api.get(`/api/wallet/${user}`)).json.currency).toBe('JPY');
    expect((await balanceByHeader(user, '?currency=JPY')).json.currency).toBe('JPY');
    expect(await balanceByHeader(user, '?currency=EUR')).toMatchObject({
      status: 409,
      json: { code: 'wallet-not-found' },
    });
  });

  test('is never one that has a name, whichever was opened first', async () => {
    const user = freeNumber();
    await create(user);
    const open = (body: object) => api.post('/api/v1/wallets', { user_id: user, currency: 'JPY', ...body });
    expect((await open({ name: 'savings' })).status).toBe(201);
    for (const answer of [
      await create(user, { currency: 'JPY' }),
      await createByHeader(user, { currency: 'JPY' }),
      await createInBody({ user_id: user, currency: 'JPY' }),
      await balanceByHeader(user, '?currency=JPY'),
      await api.get(`/api/wallet/${user}?currency=JPY`),
      await api.get(`/api/v1/accounts/${user}?currency=JPY`),
    ])
      expect(answer).toMatchObject({ status: 409, json: { code: 'wallet-not-found' } });

    // The one without a name is the younger one, and the one that has a balance.
    await open({});
    await world.accept(BigInt(user), { type: 'deposit', amountMinor: 500n, currency: 'JPY' });
    await carryOut();
    for (const answer of [
      await create(user, { currency: 'JPY' }),
      await createByHeader(user, { currency: 'JPY' }),
      await balanceByHeader(user, '?currency=JPY'),
      await api.get(`/api/wallet/${user}?currency=JPY`),
      await api.get(`/api/v1/accounts/${user}?currency=JPY`),
    ])
      expect(answer).toMatchObject({ status: 200, json: { balance: 490 } });
  });

  test('is one for a user, even where two currencies are named at the same moment', async () => {
    const user = randomUUID();
    const got = await Promise.all(
      Array.from({ length: 20 }, (_, n) => create(user, { currency: n % 2 === 0 ? 'EUR' : 'USD' })),
    );
    expect(got.filter(({ status }) => status === 201)).toHaveLength(1);
    const { rows } = await database.pool.query(
      'select count(*)::int as count from accounts join users on users.id = user_id where external_id = $1',
      [user],
    );
    expect(rows).toEqual([{ count: 1 }]);
    expect(got.filter(({ json }) => json.code === 'wallet-not-found')).toHaveLength(10);
  });
});

test('a name that two APIs and many clients create at once is one user', async () => {
  const other = await startTestApi(database.databaseUrl);
  for (let round = 0; round < 10; round += 1) {
    const users = [randomUUID(), randomUUID(), freeNumber(), freeNumber()];
    const got = await Promise.all(
      Array.from({ length: 40 }, (_, n) => {
        const user = users[n % users.length] as number | string;
        return (n % 3 === 0 ? other : api).post(`/api/v1/accounts/${user}`, {});
      }),
    );
    const created = got.filter(({ status }) => status === 201).map(({ json }) => json.user_id);
    expect(created.map(String).sort()).toEqual(users.map(String).sort());
    expect(got.filter(({ status }) => status === 200)).toHaveLength(36);
  }
  await other.stop();
});

test('updated_at is the time of the last posting, which a hold is not', async () => {
  const user = freeNumber();
  await create(user);
  const opened = (await api.get(`/api/wallet/${user}`)).json;
  expect(opened.updated_at).toBe(opened.created_at);
  await world.accept(BigInt(user), { type: 'deposit', amountMinor: 10_000n });
  await carryOut();
  const settled = (await api.get(`/api/wallet/${user}`)).json;
  const { rows } = await database.pool.query(
    `select max(header.created_at) as at
     from ledger_transactions as header where header.user_id = $1 and header.step = 'settle'`,
    [user],
  );
  expect(settled).toMatchObject({
    balance: 98,
    created_at: opened.created_at,
    updated_at: rows[0].at.toISOString(),
  });
  expect(settled.updated_at > settled.created_at).toBe(true);
  await api.post(`/api/v1/accounts/${user}/hold`, { order_id: 'a', amount: 1 });
  expect((await api.get(`/api/wallet/${user}`)).json).toEqual(settled);
  expect((await balanceByHeader(user)).json).toEqual(settled);

  const withMoney = await api.user(5);
  const first = (await api.get(`/api/wallet/${withMoney}`)).json;
  expect(first).toMatchObject({ balance: 5, updated_at: first.created_at });
});

describe('a name that is none', () => {
  const uuid = 'c56a4180-65aa-42ec-a945-5fd21dec0538';
  const bad = [
    ['braces', `{${uuid}}`],
    ['no hyphens', uuid.replaceAll('-', '')],
    ['hyphens elsewhere', 'c56a418-065aa-42ec-a945-5fd21dec0538'],
    ['a prefix', `urn:uuid:${uuid}`],
    ['one digit too few', uuid.slice(0, -1)],
    ['one digit too many', `${uuid}0`],
    ['a letter that is no digit', uuid.replace('c', 'g')],
    ['zero', '0'],
    ['a negative number', '-1'],
    ['a negative zero', '-0'],
    ['a leading zero', '01'],
    ['a plus', '+1'],
    ['an exponent', '1e3'],
    ['a fraction', '1.0'],
    ['hexadecimal digits', '0x10'],
    ['other digits', '٣'],
    ['a word', 'abc'],
    ['a list', '1,2'],
    ['a space inside', '1 2'],
  ] as const;

  test.each(bad)('is refused in a path: %s', async (_what, text) => {
    const at = encodeURIComponent(text);
    const asked = [
      await api.post(`/api/v1/accounts/${at}`, {}),
      await api.get(`/api/v1/accounts/${at}`),
      await api.post(`/api/v1/accounts/${at}/deposit`, { amount: 1 }),
      await api.post(`/api/v1/accounts/${at}/hold`, { order_id: 'a', amount: 1 }),
      await api.get(`/api/wallet/${at}`),
      await api.post(`/api/wallet/${at}/deposit`, { amount: 1 }),
    ];
    for (const { status, json } of asked) {
      expect([status, json.code, json.errors[0].field]).toEqual([422, 'validation-failed', 'user_id']);
      expect(json.errors).toHaveLength(1);
    }
  });

  test.each(bad)('is refused in the header, which the problem names: %s', async (_what, text) => {
    if (/[^ -~]/.test(text)) return expect(text).toBe('٣');
    for (const { status, json } of [await createByHeader(text), await balanceByHeader(text)]) {
      expect([status, json.code, json.errors]).toEqual([
        400,
        'user-header-malformed',
        [{ field: 'X-User-Id', message: expect.stringMatching(/positive integer or a UUID$|, or a UUID$/) }],
      ]);
      expect(json.detail).toContain('X-User-Id');
    }
  });

  test.each([
    ...bad.map(([, text]) => JSON.stringify(text)),
    '"7"',
    '0',
    '-1',
    '1.5',
    'true',
    'null',
    '[]',
    '{}',
  ])('is refused in a body: %s', async (json) => {
    expect(await api.post('/api/wallet/create', `{"user_id": ${json}}`)).toMatchObject({
      status: 422,
      json: { code: 'validation-failed', errors: [{ field: 'user_id' }] },
    });
  });

  const send = (headers: string[], path: string, method: string) =>
    rawRequest(api.origin, {
      method,
      path,
      headers: ['Host', 'localhost', 'Content-Type', 'application/json', ...headers],
      body: method === 'GET' ? '' : '{"amount": 1}',
    });
  test.each([
    ['is required', []],
    ['must not be empty', ['X-User-Id', '']],
    ['must not be empty', ['X-User-Id', '   ']],
    ['must be given once', ['X-User-Id', '1', 'x-user-id', '2']],
    ['must be given once', ['X-User-Id', '1', 'X-User-Id', '1']],
  ])('is refused: a header that %s: %j', async (message, headers) => {
    for (const [method, path] of [
      ['POST', '/api/v1/accounts/deposit'],
      ['GET', '/api/v1/accounts/balance'],
    ] as const) {
      const { status, json } = await send(headers, path, method);
      expect({ status, ...json }).toMatchObject({
        status: 400,
        code: 'user-header-malformed',
        detail: `The header X-User-Id ${message}. Nothing was done.`,
        errors: [{ field: 'X-User-Id', message }],
      });
    }
  });

  test('is refused before a key is used', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    expect((await createByHeader('01', {}, headers)).status).toBe(400);
    expect((await createByHeader(freeNumber(), {}, headers)).status).toBe(201);
  });
});

test.each([
  ['GET', '/api/v1/accounts', 'POST'],
  ['GET', '/api/v1/accounts/deposit', 'POST'],
  ['POST', '/api/v1/accounts/balance', 'GET, HEAD'],
  ['GET', '/api/wallet/create', 'POST'],
])('%s %s is not taken for a call about an account of that name', async (method, path, allow) => {
  const answer = await api.request(method, path, { headers: { 'X-User-Id': '1' } });
  expect(answer).toMatchObject({ status: 405, json: { code: 'method-not-allowed' } });
  expect(answer.headers.get('allow')).toBe(allow);
});

test.each([
  ['balance', { balance: 5 }],
  ['external_id', { external_id: 'c56a4180-65aa-42ec-a945-5fd21dec0538' }],
  ['currency', { currency: 'XXX' }],
  ['currency', { currency: null }],
])('a body that a new user may not have is refused: %s', async (field, body) => {
  for (const answer of [
    await create(freeNumber(), body),
    await createByHeader(freeNumber(), body),
    await createInBody(body),
  ])
    expect(answer).toMatchObject({ status: 422, json: { code: 'validation-failed', errors: [{ field }] } });
});

test('all these calls stand under one heading of the description, with the header as a required one', async () => {
  const { paths } = (await api.get('/openapi.json')).json;
  // biome-ignore lint/suspicious/noExplicitAny: a document of many shapes
  const tagged = Object.entries<any>(paths).flatMap(([path, item]) =>
    // biome-ignore lint/suspicious/noExplicitAny: a document of many shapes
    Object.entries<any>(item)
      .filter(([, { tags }]) => tags.includes('Names of other systems'))
      .map(([method]) => `${method} ${path}`),
  );
  expect(tagged.sort()).toEqual([
    'get /api/v1/accounts/balance',
    'get /api/wallet/{user_id}',
    'post /api/v1/accounts',
    'post /api/v1/accounts/deposit',
    'post /api/v1/accounts/{user_id}',
    'post /api/v1/accounts/{user_id}/deposit',
    'post /api/wallet/create',
    'post /api/wallet/{user_id}/deposit',
  ]);
  expect(paths['/api/v1/accounts/deposit'].post.parameters).toMatchObject([
    { in: 'header', name: 'X-User-Id', required: true },
    { in: 'header', name: 'Idempotency-Key' },
  ]);
  expect(paths['/api/v1/accounts/balance'].get.parameters).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ in: 'header', name: 'X-User-Id', required: true }),
      expect.objectContaining({ in: 'header', name: 'If-None-Match' }),
    ]),
  );
});

async function carryOut(): Promise<void> {
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers.succeeded);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}
