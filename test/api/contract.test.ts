import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document of many shapes
type Node = any;

let database: TestDatabase;
let api: TestApi;
let document: Node;
let userId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl);
  document = (await api.get('/openapi.json')).json;
  userId = await api.user();
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const propertiesOf = (path: string): Node =>
  document.paths[path].post.requestBody.content['application/json'].schema.properties;
const parameterOf = (path: string, method: string, name: string): Node =>
  document.paths[path][method].parameters.find((parameter: Node) => parameter.name === name).schema;
/** JSON Schema counts characters of Unicode, and its patterns know them. */
const fits = ({ pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Node, text: string) =>
  new RegExp(pattern, 'u').test(text) && [...text].length >= minLength && [...text].length <= maxLength;

test.each([
  ['1', true],
  ['1.1', true],
  ['1.10', true],
  ['1.1000000000', true],
  ['0.01', true],
  ['0.10', true],
  ['0.010', true],
  ['100000000000', true],
  ['100000000000.000', true],
  ['99999999999.99', true],
  ['0', false],
  ['0.00', false],
  ['-0', false],
  ['-1', false],
  ['+1', false],
  ['01', false],
  ['00.5', false],
  ['.5', false],
  ['5.', false],
  ['1e3', false],
  ['1E3', false],
  ['1e-2', false],
  ['0.001', false],
  ['1.101', false],
  ['100000000000.01', false],
  ['100000000001', false],
  ['1000000000000', false],
  [' 1', false],
  ['1 ', false],
  ['1\n', false],
  ['1,5', false],
  ['١', false],
  ['', false],
  [`1.${'0'.repeat(62)}`, true],
  [`1.${'0'.repeat(63)}`, false],
])('an amount of %j in a string is accepted as described: %s', async (text, isTaken) => {
  for (const [path, field] of [
    ['/api/v1/payments/deposit', 'deposit'],
    ['/api/v1/payments/withdraw', 'amount'],
  ] as const) {
    const [, asText] = propertiesOf(path)[field].anyOf;
    expect(fits(asText, text)).toBe(isTaken);
    const { status, json } = await api.post(path, { user_id: userId, [field]: text });
    expect(json.code === 'validation-failed').toBe(!isTaken);
    if (!isTaken) expect([status, json.errors[0].field]).toEqual([422, field]);
  }
});

test.each([
  ['0', true],
  ['0.000', true],
  ['-0', false],
  ['-0.00', false],
])('an opening balance of %j in a string is accepted as described: %s', async (text, isTaken) => {
  const [, asText] = propertiesOf('/api/v1/users').balance.anyOf;
  expect(fits(asText, text)).toBe(isTaken);
  expect((await api.post('/api/v1/users', { balance: text })).status).toBe(isTaken ? 201 : 422);
});

test.each(['1e2', '1.10', '100.000', '1.00000000000000000000', '1E+1', '20e-1'])(
  'an amount of %s is a number like any other',
  async (literal) => {
    const answer = await api.post('/api/v1/payments/deposit', `{"user_id":${userId},"deposit":${literal}}`);
    expect(answer).toMatchObject({ status: 202, json: { deposit: Number(literal) } });
  },
);

test('what numbers an amount can be is described, and they have no keywords of text', () => {
  const [asNumber] = propertiesOf('/api/v1/payments/deposit').deposit.anyOf;
  expect(asNumber).toEqual({
    type: 'number',
    exclusiveMinimum: 0,
    maximum: 100_000_000_000,
    multipleOf: 0.01,
  });
});

const SMILE = '\u{1f642}';
describe.each([
  ['by', 100],
  ['reason', 400],
] as const)('a text such as %s, of at most %i characters,', (field, most) => {
  test.each([
    ['with as many', 'x'.repeat(most), true],
    ['with as many of them that are two units long', SMILE.repeat(most), true],
    ['with one more', 'x'.repeat(most + 1), false],
    ['with one more that is a space at its end', `${'x'.repeat(most)} `, false],
    ['with one more that is a space at its beginning', ` ${'x'.repeat(most)}`, false],
    ['in spaces', '  x  ', true],
    ['with nothing but spaces', '   ', false],
    ['with nothing', '', false],
    ['with NUL', 'a\0b', false],
    ['with nothing that is seen', '\u200b\u2060', false],
    ['with a tag letter only', '\u{e0061}', false],
  ])('%s is accepted as described', async (_what, text, isTaken) => {
    const path = '/api/v1/reconciliation/exceptions/{id}/post-to-suspense';
    expect(fits(propertiesOf(path)[field], text)).toBe(isTaken);
    const body = { by: 'ana', reason: 'x', [field]: text };
    const answer = await api.post(path.replace('{id}', '999'), body);
    expect(answer.status).toBe(isTaken ? 404 : 422);
  });
});

test.each(['an\u200ba', 'ana\n', '\u00a0ana', 'a\u{e0061}b', 'a\tb'])(
  'a name such as %j is refused as described',
  async (by) => {
    expect(fits(propertiesOf('/api/v1/workers/resume').by, by)).toBe(false);
    expect((await api.post('/api/v1/workers/resume', { by })).status).toBe(422);
  },
);

test.each([
  ['p1', true],
  ['p9007199254740991', true],
  ['p0', false],
  ['p01', false],
  ['p', false],
  ['1', false],
  ['p1 ', false],
  ['P1', false],
  ['cDE', false],
  ['', false],
  [`p${'1'.repeat(17)}`, false],
])('a cursor of %j is accepted as described: %s', async (cursor, isTaken) => {
  expect(fits(parameterOf('/api/v1/payments', 'get', 'cursor'), cursor)).toBe(isTaken);
  const answer = await api.get(`/api/v1/payments?cursor=${encodeURIComponent(cursor)}`);
  expect(answer.status).toBe(isTaken ? 200 : 422);
});

test('the cursor of a next page matches its pattern', async () => {
  for (const amount of [1, 2])
    await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: amount });
  const { json } = await api.get(`/api/v1/payments?user_id=${userId}&limit=1`);
  expect(fits(parameterOf('/api/v1/payments', 'get', 'cursor'), json.next_cursor)).toBe(true);
  const answered = document.components.schemas.PaymentList.properties.next_cursor;
  expect(fits(answered, json.next_cursor)).toBe(true);
});

test.each([
  ['a', true],
  ['"a"', true],
  ['"', true],
  ['"a', true],
  ['a"b', true],
  ['~'.repeat(255), true],
  [`"${'~'.repeat(255)}"`, true],
  ['""', false],
  ['~'.repeat(256), false],
  [`"${'~'.repeat(256)}"`, false],
  [`"${'~'.repeat(255)}`, false],
  ['a b', false],
  ['caf\u00e9', false],
])('an idempotency key of %j is accepted as described: %s', async (key, isTaken) => {
  const schema = parameterOf('/api/v1/payments/deposit', 'post', 'Idempotency-Key');
  expect(fits(schema, key)).toBe(isTaken);
  const body = { user_id: userId, deposit: 1 };
  const { status } = await api.post('/api/v1/payments/deposit', body, { 'Idempotency-Key': key });
  expect(status).toBe(isTaken ? 202 : 400);
});

test.each(['01', '1.0', '+1', '9007199254740992', '0', '', ' 1'])(
  'an id of %j in a query is refused',
  async (id) => {
    expect((await api.get(`/api/v1/payments?user_id=${encodeURIComponent(id)}`)).status).toBe(422);
  },
);

test.each(['/api/v1/users', '/api/v1/dlq/1/redrive'])(
  'a body of null is none that %s can leave out',
  async (path) => {
    expect((await api.request('POST', path)).status).not.toBe(422);
    const answer = await api.post(path, 'null');
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: 'body' }] } });
  },
);

test('a callback without a signature is answered so, whether or not callbacks are configured', async () => {
  const answer = await api.post('/api/v1/gateway/callbacks', {});
  expect(answer).toMatchObject({ status: 401, json: { code: 'signature-invalid' } });
  const signed = await api.post('/api/v1/gateway/callbacks', {}, { 'Tollgate-Signature': 't=1,v1=00' });
  expect(signed).toMatchObject({ status: 404, json: { code: 'callbacks-not-configured' } });
});
