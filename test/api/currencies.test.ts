import { spawn } from 'node:child_process';
import path from 'node:path';
import { createPool } from '../../src/database/database.ts';
import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { createPaymentClaimer } from '../../src/payments/attempt/claim-payments.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { startWorker } from '../../src/worker/start-worker.ts';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { createTollgate } from '../cli/run-tollgate.ts';
import { startTestApi } from '../support/api-server.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

test.each([
  ['JPY', 0, '10', '0.5', 1000],
  ['HUF', 2, '10.55', '0.005', 1000.25],
  ['COP', 2, '10.55', '0.005', 1000.25],
  ['IQD', 3, '10.555', '0.0005', 1000.125],
  ['CLF', 4, '10.5555', '0.00005', 1000.0625],
])(
  'money in %s has %i decimals from the request to the gateway and back',
  async (currency, scale, amount, tooFine, balance) => {
    const settings = {
      DATABASE_URL: database.databaseUrl,
      DEFAULT_CURRENCY: currency,
      TRANSACTION_FEE: '0',
      GATEWAY_MOCK_TIMEOUT_RATE: '0',
      GATEWAY_MOCK_ERROR_RATE: '0',
      GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0',
      WORKER_POLL_INTERVAL_SECONDS: '0.05',
      GATEWAY_TIMEOUT_SECONDS: '10',
    };
    const config = testConfig(settings);
    const mock = await startGatewayMock(config, createLogger(config, 'gateway-mock'));
    const gatewayUrl = `http://127.0.0.1:${mock.port}/mock-gateway`;
    const api = await startTestApi(database.databaseUrl, settings);
    const workerConfig = testConfig({ ...settings, PAYMENT_GATEWAY_URL: gatewayUrl });
    const worker = await startWorker(workerConfig, createLogger(workerConfig, 'worker'));
    try {
      const userId = await api.user(balance);
      const accepted = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: amount });
      expect(accepted).toMatchObject({ status: 202, json: { deposit: Number(amount) } });
      const refused = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: tooFine });
      expect(refused.json.errors).toEqual([
        { field: 'deposit', message: `must have at most ${scale} decimals in ${currency}` },
      ]);
      const { payment_id } = accepted.json;
      await waitUntil(
        'the deposit is settled',
        async () => (await api.get(`/api/v1/payments/${payment_id}`)).json.status === 'success',
      );
      const book = (await (await fetch(`${gatewayUrl}/book`)).json()) as { entries: object[] };
      const amountMinor = amount.replace('.', '');
      expect(book.entries).toMatchObject([{ currency, amount, amount_minor: amountMinor }]);
      const wallet = (await api.get(`/api/v1/users/${userId}`)).json;
      expect(wallet).toMatchObject({ currency, balance: Number((balance + Number(amount)).toFixed(scale)) });
    } finally {
      await worker.stop();
      await api.stop();
      await mock.stop();
    }
  },
);

describe('a request that names a currency', () => {
  let api: Awaited<ReturnType<typeof startTestApi>>;
  beforeEach(async () => {
    api = await startTestApi(database.databaseUrl, { DEFAULT_CURRENCY: 'USD' });
  });
  afterEach(() => api.stop());

  const deposit = (body: object, headers: Record<string, string> = {}) =>
    api.post('/api/v1/payments/deposit', body, headers);

  async function userIn(currency: string, balance: string): Promise<number> {
    const created = await api.post('/api/v1/users', { balance, currency });
    expect(created).toMatchObject({ status: 201, json: { currency, balance: Number(balance) } });
    return created.json.id;
  }

  test('is about the wallet in that currency, and its amounts are read in it', async () => {
    const yen = await userIn('JPY', '1000');
    const dinars = await userIn('KWD', '1.125');
    expect(await deposit({ user_id: dinars, deposit: '0.005', currency: 'KWD' })).toMatchObject({
      status: 202,
      json: { deposit: 0.005, deposit_minor: '5' },
    });
    expect((await deposit({ user_id: yen, deposit: '0.5', currency: 'JPY' })).json.errors).toEqual([
      { field: 'deposit', message: 'must have at most 0 decimals in JPY' },
    ]);
    const withdrawal = await api.post('/api/v1/payments/withdraw', {
      user_id: yen,
      amount: 100,
      currency: 'JPY',
    });
    expect(withdrawal.status).toBe(202);
    expect((await api.get(`/api/v1/users/${yen}`)).json).toMatchObject({
      currency: 'JPY',
      available: 898,
      pending_out: 102,
    });
    expect((await api.get(`/api/v1/payments/${withdrawal.json.payment_id}`)).json).toMatchObject({
      currency: 'JPY',
      amount: 100,
      commission: 2,
    });
    const world = createPaymentWorld(database);
    expect(await world.violations()).toEqual([]);
  });

  test('in which the user has no wallet is refused, and nothing is written', async () => {
    const userId = await api.user(100);
    for (const path of ['deposit', 'withdraw']) {
      const amount = path === 'deposit' ? { deposit: 5 } : { amount: 5 };
      const body = { user_id: userId, ...amount, currency: 'EUR' };
      expect(await api.post(`/api/v1/payments/${path}`, body)).toMatchObject({
        status: 409,
        json: {
          code: 'wallet-not-found',
          errors: [{ field: 'currency', message: `is EUR, but user ${userId} has no wallet in EUR` }],
        },
      });
    }
    const euros = await userIn('EUR', '10');
    // The default currency is that of the server, not that of the user.
    expect(await deposit({ user_id: euros, deposit: 5 })).toMatchObject({
      status: 409,
      json: { errors: [{ field: 'currency' }] },
    });
    expect(await createPaymentWorld(database).count('payments')).toBe(0);
  });

  test.each([['usd'], ['USDT'], ['XXX'], ['XAU'], [''], [5], [null], [['USD']], ['ABC']])(
    'that is none (%j) is refused and told of by name',
    async (currency) => {
      const userId = await api.user(100);
      const field = {
        field: 'currency',
        message: expect.stringMatching(/currency|must be USD, in capital letters/),
      };
      expect(await deposit({ user_id: userId, deposit: 5, currency })).toMatchObject({
        status: 422,
        json: { code: 'validation-failed', errors: [field] },
      });
      expect(await api.post('/api/v1/users', { balance: 5, currency })).toMatchObject({
        status: 422,
        json: { errors: [field] },
      });
      // What else is wrong is told of, too.
      expect((await deposit({ user_id: userId, deposit: 'x', currency })).json.errors).toHaveLength(2);
    },
  );

  test('that was retired opens no wallet', async () => {
    const refused = await api.post('/api/v1/users', { currency: 'BGN' });
    expect(refused).toMatchObject({
      status: 422,
      json: {
        errors: [{ field: 'currency', message: 'must not be BGN, which was replaced by EUR in 2026' }],
      },
    });
  });

  test('which is the default one is the same request as one that names none', async () => {
    const userId = await api.user(100);
    const key = { 'Idempotency-Key': 'k' };
    const first = await deposit({ user_id: userId, deposit: 5 }, key);
    const again = await deposit({ user_id: userId, deposit: '5.00', currency: 'USD' }, key);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.text).toBe(first.text);
    const other = await deposit({ user_id: userId, deposit: 5, currency: 'EUR' }, key);
    expect(other).toMatchObject({ status: 422, json: { code: 'idempotency-key-reused' } });
  });
});

/** Runs a process of the product until it ends by itself. */
function runToItsEnd(script: string): Promise<{ readonly code: number | null; readonly errors: string }> {
  const child = spawn(process.execPath, [path.resolve(import.meta.dirname, '..', '..', script)], {
    cwd: import.meta.dirname,
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.databaseUrl,
      API_PORT: '0',
      WORKER_METRICS_PORT: '0',
      LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, errors }));
  });
}

test('on money that was kept with other scales nothing starts, and the doctor says why', async () => {
  await database.pool.query(
    `insert into accounts (kind, currency, scale) values ('gateway', 'USD', 2), ('gateway', 'IDR', 0)`,
  );
  const conflict = 'Money in IDR is kept with 0 decimals, and this version counts 2.';
  const sentence = `${conflict} Tollgate does not start, because every amount would change its value.`;
  for (const script of ['src/api/main.ts', 'src/worker/main.ts'])
    expect(await runToItsEnd(script)).toEqual({ code: 1, errors: `${sentence}\n` });

  const tollgate = createTollgate({ DATABASE_URL: database.databaseUrl });
  for (const command of [['dlq', 'list'], ['reconcile']])
    expect(await tollgate.run(command)).toMatchObject({ code: 1, output: '', errors: `${sentence}\n` });
  const { output } = await tollgate.run(['doctor']);
  expect(output).toMatch(
    new RegExp(`^fail +currencies +${conflict}\n +-> Tollgate does not start on this database`, 'm'),
  );
});

test('a worker that meets money with another scale, which was opened after it started, takes nothing to the gateway', async () => {
  const world = createPaymentWorld(database);
  await world.accept(await world.user());
  // What a newer version would have written; the database lets nobody do it afterwards.
  await database.pool.query('alter table accounts disable trigger accounts_keep_their_scale');
  await database.pool.query('update accounts set scale = 3');
  const config = testConfig({ DATABASE_URL: database.databaseUrl });
  const pool = createPool(database.databaseUrl, config, 'test', () => {});
  const claimer = createPaymentClaimer({ pool, worker: 'older', leaseMs: 1000 });
  await expect(claimer.claim(10)).rejects.toThrow(
    'Money in USD is kept with 3 decimals, and this version counts 2.',
  );
  await pool.end();
});

test('money in a currency that was retired stays readable, and the doctor minds it', async () => {
  await database.pool.query(
    `insert into accounts (kind, currency, scale) values ('gateway', 'USD', 2), ('gateway', 'BGN', 2)`,
  );
  const { output } = await createTollgate({ DATABASE_URL: database.databaseUrl }).run(['doctor']);
  expect(output).toMatch(
    /^warn +currencies +decimals: BGN with 2, USD with 2\n +-> .*retired currencies: BGN\./m,
  );
});
