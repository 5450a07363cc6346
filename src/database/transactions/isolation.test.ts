import { createPaymentWorld, createSilentEvents } from '../../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { testConfig } from '../../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { createKnex, createPool, type Knex, type Pool } from '../database.ts';

let database: TestDatabase;
let pool: Pool;
let knex: Knex;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

describe.each(['repeatable read', 'serializable'])('where the database says %s', (isolation) => {
  beforeAll(async () => {
    const { rows } = await database.pool.query('select current_database() as name');
    await database.pool.query(
      `alter database ${rows[0].name} set default_transaction_isolation = '${isolation}'`,
    );
    pool = createPool(database.databaseUrl, testConfig(), 'isolated', () => {});
    knex = createKnex(database.databaseUrl, testConfig(), 'isolated');
  });
  afterAll(() => Promise.all([pool.end(), knex.destroy()]));

  test('the sessions of both pools are read committed all the same', async () => {
    const query = `select current_setting('transaction_isolation') as isolation`;
    expect((await pool.query(query)).rows).toEqual([{ isolation: 'read committed' }]);
    expect((await knex.raw(query)).rows).toEqual([{ isolation: 'read committed' }]);
  });

  test('nothing that is accepted or settled at the same time fails', async () => {
    const world = createPaymentWorld({ ...database, pool, knex });
    const rival = createPaymentWorld({ ...database, pool, knex });
    const users = [await world.user(), await world.user()];
    const failures: unknown[] = [];
    const scripted = createScriptedGateway();
    scripted.answerSends(() => answers.succeeded);
    const worker = () =>
      world.worker(scripted.gateway, {
        batchSize: 5,
        events: createSilentEvents({ settlementFailed: ({ error }) => failures.push(error) }),
      });
    const workers = [worker(), worker()];
    for (const each of workers) each.start();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        [world, rival].flatMap((each) =>
          users.flatMap((user) => [
            each.accept(user, { amountMinor: 10n }),
            each.accept(user, { amountMinor: 10n, type: 'deposit' }),
          ]),
        ),
      );
    }
    await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
    for (const each of workers) await each.stop(1000);
    expect(failures).toEqual([]);
    expect(await world.violations()).toEqual([]);
  });
});

test('options that the address asks for are kept', async () => {
  const url = new URL(database.databaseUrl);
  url.searchParams.set('options', '-c search_path=nowhere');
  const own = createPool(url.toString(), testConfig(), 'own', () => {});
  const { rows } = await own.query(
    `select current_setting('search_path') as path, current_setting('default_transaction_isolation') as isolation,
            current_setting('enable_seqscan') as "seqScan"`,
  );
  await own.end();
  expect(rows).toEqual([{ path: 'nowhere', isolation: 'read committed', seqScan: 'off' }]);
});
