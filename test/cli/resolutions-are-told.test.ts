import { createResolutionGauges } from '../../src/payments/unknown/resolution-gauges.ts';
import type { RecordedResolution } from '../../src/payments/unknown/sample-resolutions.sql.ts';
import { createRegistry } from '../../src/telemetry/metrics.ts';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';
import { createTollgate } from './run-tollgate.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database.close());

test('what a person resolves from the command line is counted and reported, once', async () => {
  const world = createPaymentWorld(database);
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers.unknown);
  const ids = [await world.accept(await world.user()), await world.accept(await world.user())];
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);

  const registry = createRegistry();
  const told: RecordedResolution[] = [];
  const sample = createResolutionGauges({
    pool: database.pool,
    registry,
    onResolution: (resolution) => told.push(resolution),
  });
  const tollgate = createTollgate({ DATABASE_URL: database.databaseUrl });
  const resolve = (id: bigint | undefined) =>
    tollgate.run(
      `payments resolve ${id} --outcome executed --by ana --because x --evidence y --yes`.split(' '),
    );

  expect((await resolve(ids[0])).code).toBe(0);
  await sample();
  // It was there before the process: it has been told by another one.
  expect(told).toEqual([]);
  expect((await resolve(ids[1])).code).toBe(0);
  await sample();
  await sample();
  expect(told).toMatchObject([{ paymentId: ids[1], outcome: 'executed', by: 'ana' }]);
  expect(await registry.metrics()).toMatch(/^tollgate_payment_resolutions\{.*outcome="executed".*\} 2$/m);
});
