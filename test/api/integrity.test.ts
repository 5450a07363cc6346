import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeEach(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, { INTEGRITY_POLL_SECONDS: '0.05' });
});
afterEach(async () => {
  await api.stop();
  await database.close();
});

const changeBalance = (userId: number, byMinor: number) =>
  database.pool.query('update accounts set posted = posted + $2 where user_id = $1', [userId, byMinor]);
const runCheck = () => api.post('/api/v1/integrity/checks', '');
const deposit = (userId: number) => api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 5 });

/** Transactions of other tests on the same server hold the check back for a moment. */
async function checkUntil(status: string): Promise<void> {
  await waitUntil(`integrity ${status}`, async () => (await runCheck()).json.integrity.status === status);
}

test('before the first check nothing is known, and money moves', async () => {
  const answer = await api.get('/api/v1/integrity');
  expect(answer.json).toMatchObject({ status: 'stale', reason: 'no check has run yet', violations: 0 });
  expect((await deposit(await api.user())).status).toBe(202);
});

test('a check says how far it is, for each invariant', async () => {
  await deposit(await api.user());
  await checkUntil('ok');
  const { json } = await api.get('/api/v1/integrity');
  expect(json).toMatchObject({ status: 'ok', reason: null, violations: 0 });
  expect(json.lag_seconds).toBeLessThan(60);
  expect(json.last_success_at).toEqual(expect.any(String));
  expect(json.invariants.map(({ invariant }: { invariant: string }) => invariant)).toEqual([
    'I1',
    'I2',
    'I3',
    'I4',
    'I5',
    'I10',
    'I12',
  ]);
  for (const { reviewed_at } of json.invariants) expect(reviewed_at).toEqual(expect.any(String));
});

test('while a violation is open no money moves, the API says so, stays ready, and serves reads and operators', async () => {
  const userId = await api.user();
  const { json: accepted } = await deposit(userId);
  await changeBalance(userId, 1);
  await checkUntil('violated');

  const refused = await api.post(
    '/api/v1/payments/deposit',
    { user_id: userId, deposit: 5 },
    { 'idempotency-key': 'try-later' },
  );
  expect(refused).toMatchObject({ status: 503, json: { code: 'integrity-violated', retry: 'same-key' } });
  expect(refused.headers.get('retry-after')).toBe('30');
  expect((await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 5 })).status).toBe(503);
  expect((await api.post('/api/v1/users', {})).json.code).toBe('integrity-violated');
  expect(await world.count('payments')).toBe(1);

  expect((await api.get(`/api/v1/payments/${accepted.payment_id}`)).status).toBe(200);
  expect((await api.get(`/api/v1/users/${userId}`)).status).toBe(200);
  const ready = await api.get('/api/v1/health/ready');
  expect(ready).toMatchObject({
    status: 200,
    json: { status: 'degraded', integrity: 'violated', money_moves: false, standing_violations: 1 },
  });
  expect(ready.json.reason).toMatch(/not sound/);
  expect((await api.get('/api/v1/health')).status).toBe(200);
  expect((await api.get('/api/v1/health/live')).status).toBe(200);
  expect((await api.get('/api/v1/integrity/violations')).json.items).toHaveLength(1);

  // Whole again: the check ends the violation by itself, and the refused request was not stored.
  await changeBalance(userId, -1);
  await checkUntil('ok');
  const retried = await api.post(
    '/api/v1/payments/deposit',
    { user_id: userId, deposit: 5 },
    { 'idempotency-key': 'try-later' },
  );
  expect(retried.status).toBe(202);
  expect((await api.get('/api/v1/health/ready')).json).toMatchObject({
    status: 'ok',
    money_moves: true,
    standing_violations: 0,
  });
});

test('a violation that another process found takes effect here, too', async () => {
  const userId = await api.user();
  await database.pool.query(
    "insert into integrity_violations (rule, subject, fingerprint, detail) values ('balance_equals_entries', 'account:1', '1 0', 'x')",
  );
  await waitUntil('a refused deposit', async () => (await deposit(userId)).status === 503);
});

test('an acknowledged violation is raised again only if it changes', async () => {
  const userId = await api.user();
  await changeBalance(userId, 1);
  await checkUntil('violated');
  const { json: list } = await api.get('/api/v1/integrity/violations');
  expect(list.items).toMatchObject([
    { invariant: 'I2', rule: 'balance_equals_entries', acknowledged_at: null },
  ]);
  const { id } = list.items[0];
  const path = `/api/v1/integrity/violations/${id}`;

  const acknowledged = await api.post(`${path}/acknowledge`, { by: 'ana', reason: 'known' });
  expect(acknowledged).toMatchObject({
    status: 200,
    json: { acknowledged_by: 'ana', acknowledged_reason: 'known' },
  });
  expect((await deposit(userId)).status).toBe(202);
  await runCheck();
  expect((await api.get('/api/v1/integrity')).json.violations).toBe(0);
  expect(await api.post(`${path}/acknowledge`, { by: 'ana', reason: 'again' })).toMatchObject({
    status: 409,
    json: { code: 'violation-closed' },
  });

  await changeBalance(userId, 1);
  await checkUntil('violated');
  const { json: all } = await api.get('/api/v1/integrity/violations?state=all');
  expect(all.items).toHaveLength(2);
  expect((await api.get(path)).json.resolved_at).toEqual(expect.any(String));
});

test('an acknowledgement needs who, why and an existing violation', async () => {
  const path = '/api/v1/integrity/violations/77';
  expect((await api.post(`${path}/acknowledge`, { by: 'ana' })).status).toBe(422);
  expect(await api.post(`${path}/acknowledge`, { by: 'ana', reason: 'why' })).toMatchObject({
    status: 404,
    json: { code: 'violation-not-found' },
  });
  expect((await api.get(path)).status).toBe(404);
});

test('metrics show violations and how far behind the check is', async () => {
  const userId = await api.user();
  await changeBalance(userId, 1);
  await checkUntil('violated');
  const { text } = await api.get('/metrics');
  expect(text).toMatch(/tollgate_ledger_integrity_violations 1/);
  expect(text).toMatch(/tollgate_ledger_integrity_checked_timestamp_seconds [1-9]/);
  expect(text).toMatch(/tollgate_ledger_integrity_lag_seconds \d/);
  expect(text).toMatch(/tollgate_ledger_integrity_lag_transactions [1-9]/);
  expect(text).toMatch(/tollgate_ledger_integrity_duration_seconds [\d.]+/);
});
