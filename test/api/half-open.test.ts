import { randomUUID } from 'node:crypto';
import { createKnex, createPool, type Knex, type Pool } from '../../src/database/database.ts';
import { connectionOptions } from '../../src/database/sessions/connection-options.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { listenForTasks } from '../../src/worker/wake-up-listener.ts';
import { createPaymentWorld, createSilentEvents, type PaymentWorld } from '../builders/payment-world.ts';
import { createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createDatabaseProxy, type DatabaseProxy, isCommit } from '../support/database-proxy.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Connections on which nothing moves any more, and that nobody ends: a router that died, a firewall that forgot them. */
const SETTINGS = {
  DATABASE_POOL_SIZE: '2',
  DATABASE_STATEMENT_TIMEOUT_SECONDS: '2',
  DATABASE_LIST_TIMEOUT_SECONDS: '2',
  DATABASE_CONNECT_TIMEOUT_SECONDS: '3',
  DATABASE_LOCK_TIMEOUT_SECONDS: '1.5',
};

let database: TestDatabase;
let proxy: DatabaseProxy;
let world: PaymentWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await createDatabaseProxy(database.databaseUrl);
  world = createPaymentWorld(database);
});
afterEach(async () => {
  proxy.reset();
  expect(await world.violations()).toEqual([]);
});
afterAll(async () => {
  await proxy.cut();
  await database.close();
});

describe('an API', () => {
  let api: TestApi;
  let userId: number;
  beforeAll(async () => {
    api = await startTestApi(proxy.url, SETTINGS);
    userId = await api.user();
  });
  afterAll(() => api.stop());

  const deposit = (key: string = randomUUID()) =>
    api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 1 }, { 'Idempotency-Key': key });
  const reads = () => [
    api.get(`/api/v1/users/${userId}`),
    api.get('/api/v1/payments'),
    api.get('/api/v1/dlq'),
    api.get('/api/v1/unknown-payments'),
  ];

  test('whose connections have all gone silent answers 503, and then serves with new ones', async () => {
    await Promise.all([...reads(), deposit(), deposit()]);
    proxy.decide(() => 'fall-silent');
    const during = await Promise.all([...reads(), deposit(), deposit()]);
    expect(during.map(({ status }) => status)).toEqual(during.map(() => 503));
    proxy.reset();
    await waitUntil('a deposit that is taken', async () => (await deposit()).status === 202);
    // Not now and then: a session that is of no more use is given to nobody.
    await waitUntil('reads that are answered', async () =>
      (await Promise.all(reads())).every(({ status }) => status === 200),
    );
    for (let round = 0; round < 5; round += 1) {
      const after = await Promise.all([...reads(), deposit()]);
      expect(after.map(({ status }) => status)).toEqual([200, 200, 200, 200, 202]);
    }
  });

  test.each([
    ['has not reached the database', 'fall-silent'],
    ['has, and whose answer has not come', 'fall-silent-after'],
  ] as const)(
    'a payment whose COMMIT %s when the connection goes silent exists once',
    async (_when, verdict) => {
      const before = await world.count('payments');
      proxy.once(isCommit, verdict);
      const first = await deposit(`commit-${verdict}`);
      expect([202, 503]).toContain(first.status);
      proxy.reset();
      const second = await waitUntil('a deposit that is taken', async () => {
        const answer = await deposit(`commit-${verdict}`);
        return answer.status === 202 && answer;
      });
      if (first.status === 202) expect(second.text).toBe(first.text);
      expect(await world.count('payments')).toBe(before + 1);
    },
  );
});

describe('a worker', () => {
  let pool: Pool;
  let knex: Knex;
  beforeAll(() => {
    pool = createPool(proxy.url, testConfig(SETTINGS), 'half-open', () => {});
    knex = createKnex(proxy.url, testConfig(SETTINGS), 'half-open');
  });
  afterAll(async () => {
    await Promise.all([pool.end(), knex.destroy()]);
  });

  test('whose connections go silent while it settles recovers by itself, and calls nobody twice', async () => {
    const userIds = await Promise.all([1, 2, 3, 4, 5, 6].map(() => world.user()));
    await database.pool.query('delete from payment_tasks');
    for (const userId of userIds) await world.accept(userId);
    const scripted = createScriptedGateway();
    scripted.answerSends(() => {
      proxy.decide(() => 'fall-silent');
      return { kind: 'succeeded', gatewayReference: 'gw', httpStatus: 200 };
    });
    let failureCount = 0;
    const events = createSilentEvents({
      settlementFailed() {
        failureCount += 1;
      },
    });
    const worker = createPaymentWorld({ ...database, pool, knex }).worker(scripted.gateway, { events });
    worker.start();
    await waitUntil('settlements that fail', () => failureCount >= 2);
    proxy.reset();
    await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
    await worker.stop(1000);
    expect(scripted.sent).toHaveLength(6);
  });

  test('whose listener no longer hears anything notices, and listens again', async () => {
    const { types: _types, ...connection } = connectionOptions(proxy.url, testConfig(SETTINGS), 'half-open');
    const log = createLogger(testConfig(), 'worker');
    let wakeUpCount = 0;
    const listener = listenForTasks({
      databaseUrl: proxy.url,
      connection,
      log,
      lookMs: 100,
      onWakeUp: () => {
        wakeUpCount += 1;
      },
    });
    await waitUntil('a listener', () => wakeUpCount > 0);
    let isSilent = false;
    proxy.decide(() => {
      isSilent = true;
      return 'fall-silent';
    });
    await waitUntil('a look that reaches nobody', () => isSilent);
    const before = wakeUpCount;
    proxy.reset();
    await waitUntil('another listener', () => wakeUpCount > before);
    await listener.stop();
  });
});
