import { spawn } from 'node:child_process';
import path from 'node:path';
import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const MAIN = path.resolve(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

let database: TestDatabase;
let mock: Awaited<ReturnType<typeof startGatewayMock>>;

beforeAll(async () => {
  database = await createTestDatabase();
  const config = testConfig({
    GATEWAY_MOCK_TIMEOUT_RATE: '0',
    GATEWAY_MOCK_ERROR_RATE: '0',
    GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0',
  });
  mock = await startGatewayMock(config, createLogger(config, 'gateway-mock'));
});
afterAll(async () => {
  await mock.stop();
  await database.close();
});

async function run(args: readonly string[], settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, 'reconcile', ...args], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.databaseUrl,
      PAYMENT_GATEWAY_URL: `http://127.0.0.1:${mock.port}/mock-gateway`,
      RECONCILIATION_GRACE_SECONDS: '0',
      ...settings,
    },
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, output, errors };
}

async function executeAtGateway(reference: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${mock.port}/mock-gateway/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': reference },
    body: '{"payment_id": 7, "user_id": 1, "amount": 200, "commission": 4, "type": "deposit", "currency": "USD"}',
  });
  expect(response.status).toBe(200);
}

test('npm run reconcile says with its exit code what it found, for people and for programs', async () => {
  const world = createPaymentWorld(database);
  await world.user();
  const clean = await run([]);
  expect(clean).toMatchObject({ code: 0, errors: '' });
  expect(clean.output).toContain('Both books agree');

  await executeAtGateway('7-not-here');
  const forPeople = await run([]);
  expect(forPeople.code).toBe(2);
  expect(forPeople.output).toMatch(/missing here +1 +1/);
  expect(forPeople.output).toMatch(/USD +0 +200 +0 +200 +0/);

  const forPrograms = await run(['--json']);
  expect(forPrograms.code).toBe(2);
  expect(JSON.parse(forPrograms.output)).toMatchObject({
    status: 'differences',
    matched: 0,
    differences: { missing_here: { found: 1, open: 1 } },
    totals: [{ currency: 'USD', theirs_minor: '20000', ours_minor: '0', differences_minor: '20000' }],
  });
});

test('trouble ends with 1 and one sentence, a wrong option with 64', async () => {
  const noBook = await run([], { GATEWAY_BOOK_URL: `http://127.0.0.1:${mock.port}/nothing` });
  expect(noBook).toMatchObject({ code: 1, output: '' });
  expect(noBook.errors).toContain('answered 404');
  expect((await run(['--jsno'])).code).toBe(64);
});
