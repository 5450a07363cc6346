import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { startWorker } from '../../src/worker/start-worker.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { type MetricFamily, readMetricsPage } from '../support/metrics-page.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

const PAGE = path.resolve(import.meta.dirname, '..', '..', 'docs', 'metrics.md');
const BEGIN = '<!-- Written by npm run docs:metrics -->\n';
const END = '<!-- End -->\n';

/** Every label that a metric may have. Each has a set of values that the code, the schema or the operator's settings bound. */
const BOUNDED_LABELS = [
  'action',
  // Applications choose their names, and one of them is shown at a time.
  'application',
  'event',
  'gateway',
  'job',
  'currency',
  'error_class',
  'kind',
  'le',
  'method',
  'operation',
  'outcome',
  'pair',
  'pool',
  'reason',
  'result',
  'route',
  'sample',
  'source',
  'state',
  'status',
  'table',
  'task',
  'type',
  'version',
];

let database: TestDatabase;
let api: TestApi;
const stops: (() => Promise<void>)[] = [];
const pages = new Map<string, MetricFamily[]>();

beforeAll(async () => {
  database = await createTestDatabase();
  const mockConfig = testConfig({ GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0', GATEWAY_MOCK_ERROR_RATE: '0.3' });
  const mock = await startGatewayMock(mockConfig, createLogger(mockConfig, 'gateway-mock'));
  const settings = {
    DATABASE_URL: database.databaseUrl,
    WORKER_SAMPLE_INTERVAL_SECONDS: '0.1',
    WORKER_PROCESSING_TIMEOUT_SECONDS: '1',
    PAYMENT_GATEWAY_URL: `http://127.0.0.1:${mock.port}/mock-gateway`,
    // Nothing is there; what is shown of rates is.
    RATES_SOURCE: 'file',
    RATES_FILE: '/nowhere/rates.json',
    CONVERSION_POSITION_LIMITS: 'USD:1000',
  };
  const config = testConfig(settings);
  const worker = await startWorker(config, createLogger(config, 'worker'));
  api = await startTestApi(database.databaseUrl, settings);
  stops.push(() => api.stop(), worker.stop, mock.stop, database.close);

  await database.pool.query(
    `insert into exchange_rates (source, base, quote, state, numerator, denominator, as_of)
     values ('file', 'USD', 'EUR', 'current', 1, 1, now())`,
  );
  const userId = await api.user(1000);
  await api.post(`/api/v1/users/${userId}/wallets`, { currency: 'EUR' });
  for (let amount = 1; amount <= 10; amount += 1) {
    await api.post('/api/v1/payments/withdraw', { user_id: userId, amount });
    await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: amount });
  }
  await api.get(`/somewhere/${userId}`);
  const workerPage = `http://127.0.0.1:${worker.metricsPort}/metrics`;
  let withoutValue: string[] = [];
  await waitUntil('a value of every metric, in one process or the other', async () => {
    pages.set('api', readMetricsPage((await api.get('/metrics')).text));
    pages.set('worker', readMetricsPage(await (await fetch(workerPage)).text()));
    const shown = new Set(ourFamilies().flatMap(({ name, samples }) => (samples.length > 0 ? name : [])));
    withoutValue = ourFamilies().flatMap(({ name }) => (shown.has(name) ? [] : name));
    return withoutValue.length === 0;
  }).catch(() => {});
  expect(withoutValue).toEqual([]);
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

const allFamilies = () => [...pages.values()].flat();
const ourFamilies = () => allFamilies().filter(({ name }) => name.startsWith('tollgate_'));

test('counters end in _total and nothing else does', () => {
  const wrong = allFamilies().filter(({ name, type }) => (type === 'counter') !== name.endsWith('_total'));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('every name has our prefix or that of a process, is lower case, and uses base units', () => {
  for (const { name } of allFamilies()) {
    expect(name).toMatch(/^(tollgate|process|nodejs)(_[a-z0-9]+)+$/);
    expect(name).not.toMatch(/_(ms|millis|milliseconds|minutes|hours|days|kb|kilobytes|percent|cents)(_|$)/);
    expect(name).not.toMatch(/_(count|sum|bucket|counter|gauge|histogram)$/);
  }
});

test('every metric says in one sentence what it is', () => {
  for (const { name, help } of ourFamilies())
    expect([name, help]).toEqual([name, expect.stringMatching(/^.{10,160}\.$/)]);
});

test('labels have values from a bounded set, never an id or something that a client sent', () => {
  const userId = /^\d{1,3}$/;
  for (const { samples } of ourFamilies()) {
    for (const { labels } of samples) {
      expect(BOUNDED_LABELS).toEqual(expect.arrayContaining(Object.keys(labels)));
      for (const [label, value] of Object.entries(labels)) {
        if (label === 'le' || label === 'status') continue;
        expect(value).not.toMatch(userId);
        expect(value).not.toContain('somewhere');
      }
    }
  }
});

test('a metric that two processes have is the same in both', () => {
  for (const { name, type, help } of ourFamilies()) {
    for (const other of ourFamilies().filter((family) => family.name === name)) {
      expect({ name, type, help }).toEqual({ name, type: other.type, help: other.help });
    }
  }
});

test('docs/metrics.md lists every metric: npm run docs:metrics writes the list', () => {
  const page = readFileSync(PAGE, 'utf8');
  const begin = page.indexOf(BEGIN) + BEGIN.length;
  const end = page.indexOf(END);
  expect(end).toBeGreaterThanOrEqual(begin);
  if (process.env.WRITE_DOCS === 'true') {
    writeFileSync(PAGE, page.slice(0, begin) + renderList() + page.slice(end));
  }
  expect(readFileSync(PAGE, 'utf8')).toContain(BEGIN + renderList() + END);
});

function renderList(): string {
  const names = [...new Set(ourFamilies().map(({ name }) => name))].sort();
  const rows = names.map((name) => {
    const families = ourFamilies().filter((family) => family.name === name);
    const [{ type = '', help = '' } = {}] = families;
    const labels = new Set(
      families.flatMap(({ samples }) => samples.flatMap((sample) => Object.keys(sample.labels))),
    );
    labels.delete('le');
    const processes = [...pages].filter(([, page]) => page.some((family) => family.name === name));
    return `| \`${name}\` | ${type} | ${[...labels].sort().join(', ')} | ${processes.map(([process]) => process).join(', ')} | ${help} |`;
  });
  return ['| metric | type | labels | shown by | what it says |', '|---|---|---|---|---|', ...rows, ''].join(
    '\n',
  );
}
