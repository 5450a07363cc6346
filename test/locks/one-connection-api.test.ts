import { runReconciliation } from '../../src/reconciliation/run-reconciliation.ts';
import { signatureOf } from '../builders/callbacks.ts';
import { giveRates, openWallet, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { readDescription } from '../fuzz/described-api.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * Each operation that the API describes, with DATABASE_POOL_SIZE=1 and more requests at once than there are connections. One that holds a
 * connection and waits for another waits for its like, until the wait is over and all are answered 503.
 */
const AT_ONCE = 6;
const SECRET = 'a-secret-of-callbacks';
const BY = { by: 'ana', reason: 'a test' };

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
let userIds: number[];
let paymentIds: bigint[];
let depositIds: number[];
let letterIds: number[];
let unknownPaymentIds: number[];
let differenceIds: number[];
let violationIds: number[];
let rateIds: number[];
let feeIds: number[];
let walletIds: number[];
let emptyWalletId: number | undefined;
let quoteTokens: string[];
let conversionId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, {
    DATABASE_POOL_SIZE: '1',
    GATEWAY_CALLBACK_SECRET: SECRET,
    ...RATES_FROM_TESTS,
    QUOTE_VALID_SECONDS: '3600',
    // A machine that is busy with other tests is slow, too; what waits for itself waits for ever.
    DATABASE_CONNECT_TIMEOUT_SECONDS: '8',
    DATABASE_LIST_TIMEOUT_SECONDS: '20',
    DATABASE_LOCK_TIMEOUT_SECONDS: '20',
    DATABASE_STATEMENT_TIMEOUT_SECONDS: '20',
    API_REQUEST_TIMEOUT_SECONDS: '60',
    // No worker settles what is deposited here.
    API_DEPOSIT_WAIT_SECONDS: '0.2',
    API_MAX_WAIT_SECONDS: '60',
    API_SHED_EVENT_LOOP_DELAY_SECONDS: '60',
    API_SHED_MEMORY_SHARE: '1',
    // What the last of these tests makes wrong must not be in the way of the others' successors.
    INTEGRITY_POLL_SECONDS: '60',
  });
  userIds = (await Promise.all(Array.from({ length: AT_ONCE }, () => world.user()))).map(Number);
  [emptyWalletId] = await idsOf('select id from accounts where user_id = $1', [await world.user(0n)]);
  walletIds = await idsOf('select id from accounts where user_id = any ($1)', [userIds.slice(0, 2)]);
  for (const userId of userIds)
    for (const order_id of ['captured', 'released'])
      await api.post(`/api/v1/accounts/${userId}/hold`, { order_id, amount: 1 });
  depositIds = await endIn('succeeded', AT_ONCE, 'select unnest($1::bigint[]) as id', 'deposit');
  letterIds = await endIn('refused', 3 * AT_ONCE, 'select id from payment_dlq where payment_id = any($1)');
  unknownPaymentIds = await endIn('unknown', AT_ONCE, 'select unnest($1::bigint[]) as id');
  differenceIds = await idsOf(
    `insert into reconciliation_differences (reference, kind, source, theirs, dedupe_key)
     select 'nobody ' || n, 'unknown_payment', 'callback',
            '{"status": "succeeded", "amount": "5.00", "currency": "USD", "type": "deposit"}', 'key ' || n
     from generate_series(1, ${2 * AT_ONCE}) as n
     returning id`,
  );
  const book = { async *read() {}, close() {} };
  await runReconciliation({ ...database, book, startedBy: 'command', graceMs: 0 });
  violationIds = await idsOf(
    `insert into integrity_violations (rule, subject, fingerprint, detail)
     select 'balance_equals_entries', 'account:' || n, 'x', 'x' from generate_series(1, ${AT_ONCE}) as n
     returning id`,
  );
  await giveRates(database, { NOK: '10' });
  for (const userId of userIds)
    await openWallet(database, { userId: BigInt(userId), currency: 'NOK', amountMinor: 0n });
  const preview = (userId: number | undefined) =>
    api.post('/api/v1/currency/convert/preview', { user_id: userId, from: 'USD', to: 'NOK', amount: 0.5 });
  const quotes = await Promise.all([...userIds, userIds[0]].map(preview));
  quoteTokens = quotes.map(({ json }) => json.quote_id);
  const converted = await api.post('/api/v1/currency/convert/execute', { quote_id: quoteTokens.pop() });
  conversionId = converted.json.conversion_id;
  rateIds = await idsOf(
    `insert into exchange_rates (source, base, quote, state, numerator, denominator, as_of)
     select 'http', 'USD', quote, 'held', 1, n, now()
     from unnest('{EUR,JPY,KWD,GBP,CHF,SEK,DKK,PLN,CZK,HUF,AUD,CAD}'::text[]) with ordinality as t (quote, n)
     returning id`,
  );
  feeIds = await idsOf(
    `insert into fee_schedule (kind, currency, payer, percent, valid_from, created_by, reason)
     select 'deposit', currency, 'recipient', 1, now(), 'ana', 'a test'
     from unnest('{EUR,JPY,KWD,GBP,CHF,SEK}'::text[]) as t (currency)
     returning id`,
  );
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

async function idsOf(query: string, values: unknown[] = []): Promise<number[]> {
  return (await database.pool.query(query, values)).rows.map(({ id }) => Number(id));
}

/** Payments that a worker carries to this ending, and the ids of what a query finds of them. */
async function endIn(
  ending: 'succeeded' | 'refused' | 'unknown',
  count: number,
  query: string,
  type: 'deposit' | 'withdraw' = 'withdraw',
): Promise<number[]> {
  const userId = await world.user();
  paymentIds = await Promise.all(
    Array.from({ length: count }, () => world.accept(userId, { type, amountMinor: 100n })),
  );
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers[ending]);
  scripted.answerInquiries(() => ({ ...answers.unknown }));
  const policy = { maxAttempts: 1, backoff: { baseMs: 1, maxMs: 5, jitterMs: 1 }, notFoundGraceMs: 0 };
  const worker = world.worker(scripted.gateway, { policy });
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
  return await idsOf(query, [paymentIds]);
}

interface Sent {
  readonly path?: Readonly<Record<string, number | bigint | string | undefined>>;
  readonly query?: string;
  readonly body?: object | string;
  readonly headers?: Record<string, string>;
}

/** What is sent to each operation, the n-th time. */
const REQUESTS: Readonly<Record<string, (n: number) => Sent>> = {
  'POST /api/v1/users': () => ({ body: { balance: 1 } }),
  'POST /api/v1/payments/deposit': (n) => ({
    body: { user_id: userIds[n], deposit: 5 },
    headers: keyed(`d${n}`),
  }),
  'POST /api/v1/payments/withdraw': () => ({ body: { user_id: userIds[0], amount: 1 } }),
  'POST /api/v1/payments/{payment_id}/refunds': (n) => ({
    path: { payment_id: depositIds[n] },
    body: { amount: 0.5 },
    headers: keyed(`r${n}`),
  }),
  'GET /api/v1/accounts/{user_id}': (n) => ({ path: { user_id: userIds[n] } }),
  'POST /api/v1/accounts/{user_id}/hold': (n) => ({
    path: { user_id: userIds[n] },
    body: { order_id: 'new', amount: 1 },
    headers: keyed(`h${n}`),
  }),
  'GET /api/v1/accounts/{user_id}/hold': (n) => ({
    path: { user_id: userIds[n] },
    query: '?order_id=captured',
  }),
  'POST /api/v1/accounts/{user_id}/capture': (n) => ({
    path: { user_id: userIds[n] },
    // Around in a circle: each wallet gives to the next one and gets from the one before.
    body: { order_id: 'captured', to_user_id: userIds[(n + 1) % AT_ONCE] },
    headers: keyed(`c${n}`),
  }),
  'POST /api/v1/accounts/{user_id}/release': (n) => ({
    path: { user_id: userIds[n] },
    body: { order_id: 'released' },
    headers: keyed(`e${n}`),
  }),
  'POST /api/v1/accounts': (n) => ({
    body: {},
    headers: { ...keyed(`ah${n}`), 'x-user-id': `0b4b2f5e-5d0c-4c8e-9f0a-3a1c8e0d7b${20 + (n % 2)}` },
  }),
  'POST /api/v1/accounts/{user_id}': (n) => ({
    path: { user_id: 1_000_000 + (n % 2) },
    body: {},
    headers: keyed(`ap${n}`),
  }),
  'POST /api/v1/accounts/deposit': (n) => ({
    body: { amount: 5 },
    headers: { ...keyed(`dh${n}`), 'x-user-id': String(userIds[n]) },
  }),
  'POST /api/v1/accounts/{user_id}/deposit': (n) => ({
    path: { user_id: userIds[n] },
    body: { amount: 5 },
    headers: keyed(`dp${n}`),
  }),
  'GET /api/v1/accounts/balance': (n) => ({ headers: { 'x-user-id': String(userIds[n]) } }),
  'POST /api/wallet/create': () => ({ body: {} }),
  'POST /api/wallet/{user_id}/deposit': (n) => ({
    path: { user_id: userIds[n] },
    body: { deposit: 5 },
    headers: keyed(`dw${n}`),
  }),
  'GET /api/wallet/{user_id}': (n) => ({ path: { user_id: userIds[n] } }),
  'GET /api/v1/order-holds': () => ({}),
  'GET /api/v1/users/{user_id}': (n) => ({ path: { user_id: userIds[n] } }),
  'GET /api/v1/users/{user_id}/statement': (n) => ({ path: { user_id: userIds[n] } }),
  'GET /api/v1/users/{user_id}/wallets': (n) => ({ path: { user_id: userIds[n] } }),
  'POST /api/v1/users/{user_id}/wallets': (n) => ({
    path: { user_id: userIds[n] },
    body: { currency: ['EUR', 'JPY'][n % 2] },
    headers: keyed(`w${n}`),
  }),
  'GET /api/v1/users/{user_id}/wallets/{currency}': (n) => ({
    path: { user_id: userIds[n], currency: 'USD' },
  }),
  'GET /api/v1/wallets': () => ({}),
  'POST /api/v1/wallets': (n) => ({
    body: { user_id: userIds[n], currency: 'USD', name: 'savings' },
    headers: keyed(`s${n}`),
  }),
  'POST /api/v1/wallets/{wallet_id}/deposit': (n) => ({
    path: { wallet_id: walletIds[0] },
    body: { amount: 5 },
    headers: keyed(`i${n}`),
  }),
  'POST /api/v1/wallets/{wallet_id}/withdraw': (n) => ({
    path: { wallet_id: walletIds[0] },
    body: { amount: 0.01 },
    headers: keyed(`o${n}`),
  }),
  'POST /api/v1/wallets/{wallet_id}/hold': (n) => ({
    path: { wallet_id: walletIds[0] },
    body: { order_id: `of the wallet ${n}`, amount: 0.01 },
    headers: keyed(`l${n}`),
  }),
  'POST /api/v1/wallets/{wallet_id}/convert': (n) => ({
    path: { wallet_id: walletIds[0] },
    body: { quote_id: quoteTokens[n] },
  }),
  'GET /api/v1/wallets/{wallet_id}/statement': () => ({ path: { wallet_id: walletIds[0] } }),
  'POST /api/v1/wallets/{wallet_id}/transfer': (n) => ({
    path: { wallet_id: walletIds[n % 2] },
    body: { to_wallet_id: walletIds[1 - (n % 2)], amount: 0.01 },
    headers: keyed(`t${n}`),
  }),
  'POST /api/v1/wallets/{wallet_id}/freeze': () => ({ path: { wallet_id: emptyWalletId }, body: BY }),
  'POST /api/v1/wallets/{wallet_id}/unfreeze': () => ({ path: { wallet_id: emptyWalletId }, body: BY }),
  'POST /api/v1/wallets/{wallet_id}/close': () => ({ path: { wallet_id: emptyWalletId }, body: BY }),
  'GET /api/v1/transfers/{transfer_id}': () => ({ path: { transfer_id: 1 } }),
  'GET /api/v1/wallets/{wallet_id}': () => ({ path: { wallet_id: walletIds[0] } }),
  'GET /api/v1/payments': () => ({}),
  'GET /api/v1/payments/search': (n) => ({ query: `?reference=${n}` }),
  'GET /api/v1/payments/{payment_id}': () => ({ path: { payment_id: paymentIds[0] } }),
  'GET /api/v1/payments/{payment_id}/attempts': () => ({ path: { payment_id: paymentIds[0] } }),
  'GET /api/v1/payments/{payment_id}/timeline': () => ({ path: { payment_id: paymentIds[0] } }),
  'GET /api/v1/unknown-payments': () => ({}),
  'GET /api/v1/dlq': () => ({}),
  'GET /api/v1/dlq/{id}': (n) => ({ path: { id: letterIds[n] } }),
  'POST /api/v1/dlq/{id}/redrive': (n) => ({ path: { id: letterIds[n] }, body: BY }),
  'POST /api/v1/dlq/{id}/discard': (n) => ({ path: { id: letterIds[AT_ONCE + n] }, body: BY }),
  'GET /api/v1/bulk-redrives/preview': () => ({}),
  'POST /api/v1/bulk-redrives': (n) => ({
    body: { letters: [letterIds[2 * AT_ONCE + n]], ...BY },
    headers: keyed(`b${n}`),
  }),
  'GET /api/v1/bulk-redrives': () => ({}),
  'GET /api/v1/bulk-redrives/{id}': () => ({ path: { id: 1 } }),
  'POST /api/v1/bulk-redrives/{id}/stop': (n) => ({ path: { id: n + 1 }, body: { by: 'ana' } }),
  'POST /api/v1/bulk-redrives/{id}/resume': (n) => ({ path: { id: n + 1 }, body: { by: 'ana' } }),
  'POST /api/v1/payments/{payment_id}/resolve': (n) => ({
    path: { payment_id: unknownPaymentIds[n] },
    body: { ...BY, outcome: 'executed', evidence: 'a statement' },
  }),
  'POST /api/v1/gateway/callbacks': (n) => {
    const body = JSON.stringify({
      event_id: `evt_${n}`,
      reference: 'of-nobody',
      status: 'succeeded',
      amount: 1,
      currency: 'USD',
      gateway_reference: 'gw',
    });
    return { body, headers: signatureOf(body, { secret: SECRET }) };
  },
  'GET /api/v1/reconciliation/exceptions': () => ({}),
  'GET /api/v1/events': () => ({}),
  'GET /api/v1/reconciliation/exceptions/{id}': (n) => ({ path: { id: differenceIds[n] } }),
  'POST /api/v1/reconciliation/exceptions/{id}/close': (n) => ({ path: { id: differenceIds[n] }, body: BY }),
  'POST /api/v1/reconciliation/exceptions/{id}/post-to-suspense': (n) => ({
    path: { id: differenceIds[AT_ONCE + n] },
    body: BY,
  }),
  'GET /api/v1/reconciliation/reports': () => ({}),
  'GET /api/v1/reconciliation/reports/{id}': () => ({ path: { id: 1 } }),
  'GET /api/v1/integrity': () => ({}),
  'GET /api/v1/integrity/violations': () => ({}),
  'GET /api/v1/integrity/violations/{id}': (n) => ({ path: { id: violationIds[n] } }),
  'POST /api/v1/integrity/violations/{id}/acknowledge': (n) => ({ path: { id: violationIds[n] }, body: BY }),
  'POST /api/v1/integrity/checks': () => ({}),
  'POST /api/v1/currency/convert/preview': (n) => ({
    body: { user_id: userIds[n], from: 'USD', to: 'NOK', amount: 0.5 },
  }),
  'POST /api/v1/currency/convert/execute': (n) => ({ body: { quote_id: quoteTokens[n] } }),
  'GET /api/v1/currency/conversions/{id}': () => ({ path: { id: conversionId } }),
  'GET /api/v1/currency/fees': () => ({}),
  'GET /api/v1/currency/fees/preview': () => ({ query: '?kind=deposit&amount=5' }),
  'GET /api/v1/currency/fees/history': () => ({}),
  'POST /api/v1/currency/fees': (n) => ({ body: { kind: 'transfer', currency: 'NOK', percent: n, ...BY } }),
  'POST /api/v1/currency/fees/{id}/end': (n) => ({ path: { id: feeIds[n] }, body: BY }),
  'GET /api/v1/currency/conversions': () => ({}),
  'GET /api/v1/currency/quotes': () => ({}),
  'GET /api/v1/currency/positions': () => ({}),
  'GET /api/v1/currency/rates': () => ({}),
  'POST /api/v1/currency/rates/{id}/approve': (n) => ({ path: { id: rateIds[n] }, body: BY }),
  'POST /api/v1/currency/rates/{id}/refuse': (n) => ({ path: { id: rateIds[n + 6] }, body: BY }),
  'GET /api/v1/overview': () => ({}),
  'GET /api/v1/workers': () => ({}),
  'POST /api/v1/workers/pause': () => ({ body: BY }),
  'POST /api/v1/workers/resume': () => ({ body: { by: 'ana' } }),
  'GET /api/v1/health': () => ({}),
  'GET /api/v1/health/live': () => ({}),
  'GET /api/v1/health/ready': () => ({}),
};

const keyed = (key: string) => ({ 'idempotency-key': key });

test('every operation of the API is tried', async () => {
  const operations = readDescription((await api.get('/openapi.json')).json);
  expect(operations.map(({ name }) => name).sort()).toEqual(Object.keys(REQUESTS).sort());
});

test.each(Object.keys(REQUESTS))('%s, several times at once', async (name) => {
  const [method = '', template = ''] = name.split(' ');
  const send = async (n: number) => {
    const { path = {}, query = '', body, headers = {} } = (REQUESTS[name] as (n: number) => Sent)(n);
    const where = template.replaceAll(/\{(\w+)\}/g, (_, member) => String(path[member])) + query;
    if (method === 'GET') return await api.request('GET', where, { headers });
    return await api.post(where, body ?? '', headers);
  };
  const got = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => send(n)));
  const told = got.map(({ status, json }) => `${status} ${json?.code ?? ''}`);
  expect(told.filter((answer) => !answer.startsWith('2') && !answer.startsWith('4'))).toEqual([]);
  expect(told.some((answer) => answer.startsWith('2'))).toBe(true);
});

test('the page of metrics, several times at once', async () => {
  const pages = await Promise.all(Array.from({ length: AT_ONCE }, () => api.get('/metrics')));
  expect(pages.map(({ status }) => status)).toEqual(Array(AT_ONCE).fill(200));
});
