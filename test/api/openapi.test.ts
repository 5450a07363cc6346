import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test that walks a document of many shapes
type Node = any;

/** Headers about which the standard says that what is not understood is ignored. */
const FREE_HEADERS = new Set(['If-None-Match']);

let database: TestDatabase;
let api: TestApi;
let document: Node;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl, { API_DEPOSIT_WAIT_SECONDS: '0' });
  document = (await api.get('/openapi.json')).json;
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

function operations(): { method: string; path: string; operation: Node }[] {
  return Object.entries<Node>(document.paths).flatMap(([pathName, item]) =>
    Object.entries<Node>(item).map(([method, operation]) => ({ method, path: pathName, operation })),
  );
}

test('is OpenAPI 3.1 and every reference in it leads somewhere', () => {
  expect(document.openapi).toBe('3.1.0');
  const references: string[] = [];
  JSON.stringify(document, (key, value) => {
    if (key === '$ref') references.push(value);
    return value;
  });
  expect(references.length).toBeGreaterThan(10);
  for (const reference of references) {
    const target = reference
      .slice(2)
      .split('/')
      .reduce((node: Node, name) => node?.[name], document);
    expect(target).toBeDefined();
  }
});

test('describes every endpoint of the service', () => {
  expect(
    operations()
      .map(({ method, path: pathName }) => `${method} ${pathName}`)
      .sort(),
  ).toEqual([
    'get /api/v1/accounts/balance',
    'get /api/v1/accounts/{user_id}',
    'get /api/v1/accounts/{user_id}/hold',
    'get /api/v1/bulk-redrives',
    'get /api/v1/bulk-redrives/preview',
    'get /api/v1/bulk-redrives/{id}',
    'get /api/v1/currency/conversions',
    'get /api/v1/currency/conversions/{id}',
    'get /api/v1/currency/fees',
    'get /api/v1/currency/fees/history',
    'get /api/v1/currency/fees/preview',
    'get /api/v1/currency/positions',
    'get /api/v1/currency/quotes',
    'get /api/v1/currency/rates',
    'get /api/v1/dlq',
    'get /api/v1/dlq/{id}',
    'get /api/v1/events',
    'get /api/v1/health',
    'get /api/v1/health/live',
    'get /api/v1/health/ready',
    'get /api/v1/integrity',
    'get /api/v1/integrity/violations',
    'get /api/v1/integrity/violations/{id}',
    'get /api/v1/order-holds',
    'get /api/v1/overview',
    'get /api/v1/payments',
    'get /api/v1/payments/search',
    'get /api/v1/payments/{payment_id}',
    'get /api/v1/payments/{payment_id}/attempts',
    'get /api/v1/payments/{payment_id}/timeline',
    'get /api/v1/reconciliation/exceptions',
    'get /api/v1/reconciliation/exceptions/{id}',
    'get /api/v1/reconciliation/reports',
    'get /api/v1/reconciliation/reports/{id}',
    'get /api/v1/transfers/{transfer_id}',
    'get /api/v1/unknown-payments',
    'get /api/v1/users/{user_id}',
    'get /api/v1/users/{user_id}/statement',
    'get /api/v1/users/{user_id}/wallets',
    'get /api/v1/users/{user_id}/wallets/{currency}',
    'get /api/v1/wallets',
    'get /api/v1/wallets/{wallet_id}',
    'get /api/v1/wallets/{wallet_id}/statement',
    'get /api/v1/workers',
    'get /api/wallet/{user_id}',
    'post /api/v1/accounts',
    'post /api/v1/accounts/deposit',
    'post /api/v1/accounts/{user_id}',
    'post /api/v1/accounts/{user_id}/capture',
    'post /api/v1/accounts/{user_id}/deposit',
    'post /api/v1/accounts/{user_id}/hold',
    'post /api/v1/accounts/{user_id}/release',
    'post /api/v1/bulk-redrives',
    'post /api/v1/bulk-redrives/{id}/resume',
    'post /api/v1/bulk-redrives/{id}/stop',
    'post /api/v1/currency/convert/execute',
    'post /api/v1/currency/convert/preview',
    'post /api/v1/currency/fees',
    'post /api/v1/currency/fees/{id}/end',
    'post /api/v1/currency/rates/{id}/approve',
    'post /api/v1/currency/rates/{id}/refuse',
    'post /api/v1/dlq/{id}/discard',
    'post /api/v1/dlq/{id}/redrive',
    'post /api/v1/gateway/callbacks',
    'post /api/v1/integrity/checks',
    'post /api/v1/integrity/violations/{id}/acknowledge',
    'post /api/v1/payments/deposit',
    'post /api/v1/payments/withdraw',
    'post /api/v1/payments/{payment_id}/refunds',
    'post /api/v1/payments/{payment_id}/resolve',
    'post /api/v1/reconciliation/exceptions/{id}/close',
    'post /api/v1/reconciliation/exceptions/{id}/post-to-suspense',
    'post /api/v1/users',
    'post /api/v1/users/{user_id}/wallets',
    'post /api/v1/wallets',
    'post /api/v1/wallets/{wallet_id}/close',
    'post /api/v1/wallets/{wallet_id}/convert',
    'post /api/v1/wallets/{wallet_id}/deposit',
    'post /api/v1/wallets/{wallet_id}/freeze',
    'post /api/v1/wallets/{wallet_id}/hold',
    'post /api/v1/wallets/{wallet_id}/transfer',
    'post /api/v1/wallets/{wallet_id}/unfreeze',
    'post /api/v1/wallets/{wallet_id}/withdraw',
    'post /api/v1/workers/pause',
    'post /api/v1/workers/resume',
    'post /api/wallet/create',
    'post /api/wallet/{user_id}/deposit',
  ]);
});

test('no two paths with parameters match one request, so that the order in which they are tried decides nothing', () => {
  const paths = Object.keys(document.paths).filter((path) => path.includes('{'));
  const isParameter = (segment: string | undefined) => segment?.startsWith('{') ?? false;
  const matchOne = (one: string, other: string) => {
    const [left, right] = [one.split('/'), other.split('/')];
    return (
      left.length === right.length &&
      left.every((segment, at) => segment === right[at] || isParameter(segment) || isParameter(right[at]))
    );
  };
  const pairs = paths.flatMap((one, at) => paths.slice(at + 1).map((other) => [one, other] as const));
  expect(pairs.length).toBeGreaterThan(100);
  expect(pairs.filter(([one, other]) => matchOne(one, other))).toEqual([]);
});

test('gives each answer a schema and an example, and each operation its own id', () => {
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const lacking = operations().flatMap(({ operation }) =>
    Object.entries<Node>(operation.responses).filter(([status, answer]) => {
      // It has no body.
      if (status === '304') return false;
      const [media] = Object.values<Node>(answer.content);
      return !media.schema || !(media.example ?? media.examples);
    }),
  );
  expect(lacking).toEqual([]);
});

/** Every schema below a node, with where it stands. */
function schemasBelow(node: Node, place: string): { place: string; schema: Node }[] {
  if (typeof node !== 'object' || node === null) return [];
  const below = Object.entries<Node>(node).flatMap(([key, value]) =>
    key === 'example' || key === 'examples' ? [] : schemasBelow(value, `${place}/${key}`),
  );
  return 'type' in node || 'anyOf' in node ? [{ place, schema: node }, ...below] : below;
}

test('uses no keywords of text for numbers', () => {
  const numbers = schemasBelow(document, '').filter(({ schema }) =>
    ['integer', 'number'].includes(schema.type),
  );
  expect(numbers.length).toBeGreaterThan(50);
  const ofText = ['pattern', 'minLength', 'maxLength', 'format'];
  const faults = numbers.filter(({ schema }) => ofText.some((keyword) => keyword in schema));
  expect(faults).toEqual([]);
});

test('says how large an id can be, wherever one stands', () => {
  const ids = schemasBelow(document, '').filter(({ place }) => /\/(id|\w+_id|payment_id)$/.test(place));
  const parameters = operations().flatMap(({ path: at, operation }) =>
    (operation.parameters ?? [])
      .filter(({ name }: Node) => /^(id|\w+_id)$/.test(name))
      .map(({ name, schema }: Node) => ({ place: `${at} ${name}`, schema })),
  );
  const integers = [...ids, ...parameters].filter(({ schema }) => schema.type === 'integer');
  expect(integers.length).toBeGreaterThan(20);
  for (const { place, schema } of integers)
    expect([place, schema.maximum]).toEqual([place, Number.MAX_SAFE_INTEGER]);
});

test('describes the form of every text that a parameter takes', () => {
  const texts = operations().flatMap(({ operation }) =>
    (operation.parameters ?? []).filter(({ schema }: Node) => schema.type === 'string' && !schema.enum),
  );
  expect(texts.length).toBeGreaterThan(5);
  for (const { name, schema } of texts)
    if (!FREE_HEADERS.has(name)) expect([name, typeof schema.pattern]).toEqual([name, 'string']);
});

test('allows further members in answers, and none in requests', () => {
  for (const { path: at, operation } of operations()) {
    const body = operation.requestBody?.content['application/json'].schema;
    if (body && at !== '/api/v1/gateway/callbacks')
      expect([at, body.additionalProperties]).toEqual([at, false]);
    expect(JSON.stringify(operation.responses)).not.toContain('"additionalProperties":false');
  }
  expect(JSON.stringify(document.components.schemas)).not.toContain('"additionalProperties":false');
});

test('describes the idempotency key, replays and retries', () => {
  const deposit = document.paths['/api/v1/payments/deposit'].post;
  expect(deposit.parameters).toMatchObject([{ in: 'header', name: 'Idempotency-Key' }]);
  expect(Object.keys(deposit.responses['202'].headers)).toEqual(['Location', 'Idempotency-Replayed']);
  expect(Object.keys(deposit.responses['503'].headers)).toEqual(['Retry-After']);
  expect(Object.keys(deposit.responses['409'].headers)).toEqual([
    'Location',
    'Idempotency-Replayed',
    'Retry-After',
  ]);
  expect(Object.keys(deposit.responses).sort()).toEqual([
    '202',
    '400',
    '403',
    '404',
    '405',
    '406',
    '408',
    '409',
    '413',
    '415',
    '417',
    '421',
    '422',
    '431',
    '500',
    '503',
  ]);
});

test('has example bodies with all the required fields', () => {
  const schemaOf = (name: string) =>
    document.paths[`/api/v1/payments/${name}`].post.requestBody.content['application/json'].schema;
  expect(schemaOf('deposit')).toMatchObject({
    required: ['user_id', 'deposit'],
    additionalProperties: false,
  });
  expect(schemaOf('withdraw')).toMatchObject({
    required: ['user_id', 'amount'],
    additionalProperties: false,
  });
});

test('describes what every operation can be answered, as a problem, with its headers', () => {
  const faults: unknown[] = [];
  for (const { method, path: at, operation } of operations()) {
    const { responses, parameters = [] } = operation;
    const isHealth = at.startsWith('/api/v1/health');
    const isLive = at === '/api/v1/health/live';
    const check = (what: string, found: unknown, expected: unknown) => {
      if (JSON.stringify(found) !== JSON.stringify(expected)) faults.push([method, at, what, found]);
    };
    const headersOf = (status: string) => Object.keys(responses[status]?.headers ?? {});
    const statuses = ['400', '405', '408', '417', '421', '431', '500'];
    if (!isLive) statuses.push('503');
    if (!isHealth && at !== '/api/v1/gateway/callbacks') statuses.push('406');
    if (method === 'post') statuses.push('413', '415');
    if (parameters.some(({ in: place }: Node) => place !== 'header') || operation.requestBody)
      statuses.push('422');
    // What is not there is made.
    if (at.includes('{') && operation.operationId !== 'createAccount') statuses.push('404');
    for (const status of statuses) check(status, status in responses, true);
    if (isLive) check('503', '503' in responses, false);
    for (const [status, answer] of Object.entries<Node>(responses)) {
      // Readiness is told with what is wrong; a process that has too much to do tells of it as everywhere.
      const own = isHealth && status === '503' ? ['application/json'] : [];
      if (Number(status) >= 400)
        check(status, Object.keys(answer.content), [...own, 'application/problem+json']);
    }
    check('405', headersOf('405'), ['Allow']);
    if (!isLive) check('503', headersOf('503'), ['Retry-After']);
    if (responses['401'] && at !== '/api/v1/gateway/callbacks')
      check('401', headersOf('401'), ['WWW-Authenticate']);
    if (parameters.some(({ name }: Node) => name === 'Idempotency-Key'))
      check('made', headersOf(['201', '202', '200'].find((status) => status in responses) ?? ''), [
        'Location',
        'Idempotency-Replayed',
      ]);
  }
  expect(faults).toEqual([]);
});

test('says which bodies can be left out', () => {
  const isRequired = Object.fromEntries(
    operations()
      .filter(({ operation }) => operation.requestBody)
      .map(({ operation }) => [operation.operationId, operation.requestBody.required === true]),
  );
  expect(isRequired).toEqual({
    createUser: false,
    createAccount: false,
    createAccountOfHeader: false,
    createSingleWallet: false,
    depositForHeader: true,
    depositToAccount: true,
    depositToSingleWallet: true,
    openUserWallet: true,
    transferMoney: true,
    openWallet: true,
    depositToWallet: true,
    withdrawFromWallet: true,
    convertFromWallet: true,
    freezeWallet: true,
    unfreezeWallet: true,
    closeWallet: true,
    previewConversion: true,
    executeConversion: true,
    approveRate: false,
    refuseRate: true,
    setFee: true,
    endFee: true,
    deposit: true,
    withdraw: true,
    refundDeposit: false,
    holdForOrder: true,
    holdOfWallet: true,
    captureHold: true,
    releaseHold: true,
    redriveDeadLetter: false,
    discardDeadLetter: true,
    pauseClaiming: true,
    resumeClaiming: true,
    startBulkRedrive: true,
    stopBulkRedrive: true,
    resumeBulkRedrive: true,
    takeCallback: true,
    resolvePayment: true,
    closeException: true,
    acknowledgeViolation: true,
    postExceptionToSuspense: true,
  });
});

test('has examples that work when they are sent as they stand', async () => {
  const user = await send('/api/v1/users');
  expect(user).toMatchObject({ status: 201, json: { id: 1 } });
  expect((await send('/api/v1/users/{user_id}/wallets')).status).toBe(201);
  await api.post('/api/v1/users', {});
  expect((await send('/api/v1/wallets/{wallet_id}/transfer')).status).toBe(201);
  expect((await send('/api/v1/wallets')).status).toBe(201);
  expect((await send('/api/v1/wallets/{wallet_id}/deposit')).status).toBe(202);
  expect((await send('/api/v1/wallets/{wallet_id}/withdraw')).status).toBe(202);
  expect((await send('/api/v1/wallets/{wallet_id}/freeze')).json.state).toBe('frozen');
  expect((await send('/api/v1/wallets/{wallet_id}/close')).json.code).toBe('wallet-not-empty');
  expect((await send('/api/v1/wallets/{wallet_id}/unfreeze')).json.state).toBe('open');
  expect((await send('/api/v1/payments/deposit')).status).toBe(202);
  expect((await send('/api/v1/payments/withdraw')).status).toBe(202);
  expect((await send('/api/v1/accounts/{user_id}/hold')).status).toBe(201);
  expect((await send('/api/v1/wallets/{wallet_id}/hold')).status).toBe(201);
  for (const pathName of ['/api/v1/accounts', '/api/v1/accounts/{user_id}', '/api/wallet/create'])
    expect((await send(pathName)).status).toBe(200);
  // No worker runs here.
  for (const pathName of ['/api/v1/accounts', '/api/v1/accounts/{user_id}', '/api/wallet/{user_id}'])
    expect((await send(`${pathName}/deposit`)).status).toBe(202);
  for (const { method, path: pathName, operation } of operations()) {
    if (method !== 'get' || pathName.endsWith('/{id}')) continue;
    const required = operation.parameters.filter(
      ({ in: place, required }: Node) => place === 'query' && required,
    );
    const query = required.map(({ name, schema }: Node) => `${name}=${schema.example}`).join('&');
    const at = `${fill(pathName, operation)}?${query}`;
    expect((await api.request('GET', at, { headers: headersOf(operation) })).status).toBe(200);
  }
  expect((await send('/api/v1/accounts/{user_id}/capture')).status).toBe(200);
  expect((await send('/api/v1/accounts/{user_id}/release')).json.code).toBe('hold-ended');

  function fill(pathName: string, { parameters }: Node): string {
    return pathName.replace(
      /\{(\w+)\}/g,
      (_, name: string) => parameters.find((parameter: Node) => parameter.name === name).schema.example,
    );
  }

  // As Swagger UI does when its button is pressed: body and headers as they are shown.
  function send(pathName: string) {
    const { requestBody, parameters } = document.paths[pathName].post;
    return api.post(
      fill(pathName, document.paths[pathName].post),
      requestBody.content['application/json'].example,
      headersOf({ parameters }),
    );
  }

  /** Those that an example is given for. */
  function headersOf({ parameters }: Node): Record<string, string> {
    const headers = parameters
      .filter(({ in: place, schema }: Node) => place === 'header' && schema.example !== undefined)
      .map((parameter: Node) => [parameter.name, String(parameter.schema.example)]);
    return Object.fromEntries(headers);
  }
});

test('answers have exactly the members that their schemas name', async () => {
  await api.post('/api/v1/users', {});
  const answers = {
    User: await api.get('/api/v1/users/1'),
    Wallet: await api.get('/api/v1/users/1/wallets/USD'),
    WalletWithHistory: await api.get('/api/v1/wallets/7'),
    Payment: await api.get('/api/v1/payments/1'),
  };
  for (const [name, answer] of Object.entries(answers)) {
    expect(Object.keys(answer.json).sort()).toEqual(
      Object.keys(document.components.schemas[name].properties).sort(),
    );
  }
});
