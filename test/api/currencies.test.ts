import { spawn } from 'node:child_process';
import path from 'node:path';
import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { createPaymentClaimer } from '../../src/payments/claim-payments.ts';
import { createPool } from '../../src/shared/database.ts';
import { createLogger } from '../../src/shared/logging.ts';
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
  const sentence = `${conflict} Nothing is started: every amount would change its value.`;
  for (const script of ['src/api/main.ts', 'src/worker/main.ts'])
    expect(await runToItsEnd(script)).toEqual({ code: 1, errors: `${sentence}\n` });

  const tollgate = createTollgate({ DATABASE_URL: database.databaseUrl });
  for (const command of [['dlq', 'list'], ['reconcile']])
    expect(await tollgate.run(command)).toMatchObject({ code: 1, output: '', errors: `${sentence}\n` });
  const { output } = await tollgate.run(['doctor']);
  expect(output).toMatch(
    new RegExp(`^fail +currencies +${conflict}\n +-> Nothing starts on this database`, 'm'),
  );
}, 60_000);

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
  expect(output).toMatch(/^warn +currencies +decimals: BGN with 2, USD with 2\n +-> .*retired: BGN\./m);
}, 60_000);
