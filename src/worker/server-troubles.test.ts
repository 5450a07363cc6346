import {
  createPaymentWorld,
  createSilentEvents,
  type PaymentWorld,
} from '../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../test/builders/scripted-gateway.ts';
import { startTestApi } from '../../test/support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';

/** What a server says that is in trouble itself, and that has nothing to do with what it was asked. */
const TROUBLES = {
  disk_full: '53100',
  out_of_memory: '53200',
  too_many_connections: '53300',
  configuration_limit_exceeded: '53400',
  cannot_connect_now: '57P03',
  crash_shutdown: '57P02',
  system_error: '58000',
  io_error: '58030',
  undefined_file: '58P01',
};

let database: TestDatabase;
let world: PaymentWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  await database.pool.query(`
    create table trouble (code text not null, least_rows int not null);
    grant select on trouble to public;
    create function raise_trouble() returns trigger language plpgsql as $$
    declare trouble trouble;
    begin
      select * into trouble from trouble;
      if found and (select count(*) from changed) >= trouble.least_rows then
        raise exception 'the server is in trouble' using errcode = trouble.code;
      end if;
      return null;
    end $$;
    create trigger trouble_of_settlements after update on payments referencing new table as changed
      for each statement execute function raise_trouble();
    create trigger trouble_of_acceptances after insert on payments referencing new table as changed
      for each statement execute function raise_trouble()`);
});
afterEach(async () => {
  await endTrouble();
  expect(await world.violations()).toEqual([]);
});
afterAll(() => database.close());

const beginTrouble = (code: string, leastRows = 1) =>
  database.pool.query('insert into trouble values ($1, $2)', [code, leastRows]);
const endTrouble = () => database.pool.query('delete from trouble');

/** Payments that a worker has carried to the gateway while the server was in trouble. */
async function settleThrough(
  paymentCount: number,
  begin: () => Promise<unknown>,
  end: (failures: number) => boolean,
) {
  const userId = await world.user();
  const paymentIds = await Promise.all(
    Array.from({ length: paymentCount }, () => world.accept(userId, { amountMinor: 100n })),
  );
  const scripted = createScriptedGateway();
  let inquiryCount = 0;
  scripted.answerInquiries(() => {
    inquiryCount += 1;
    return answers.unknown;
  });
  await begin();
  let failureCount = 0;
  const events = createSilentEvents({
    settlementFailed() {
      failureCount += 1;
    },
  });
  const worker = world.worker(scripted.gateway, { events });
  worker.start();
  await waitUntil('settlements that fail', () => end(failureCount));
  await endTrouble();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
  const { rows } = await database.pool.query(
    `select count(*)::int as "runCount" from payment_attempts where payment_id = any($1)`,
    [paymentIds],
  );
  return { runCount: rows[0].runCount, inquiryCount };
}

test.each(Object.entries(TROUBLES))(
  'a server that says %s while payments are settled loses no answer of the gateway: they are settled once it recovers',
  async (_name, code) => {
    const { runCount, inquiryCount } = await settleThrough(
      4,
      () => beginTrouble(code),
      (failures) => failures >= 2,
    );
    // Each was called once, and nobody had to ask what became of it.
    expect({ runCount, inquiryCount }).toEqual({ runCount: 4, inquiryCount: 0 });
  },
);

test.each(['53200', '53400', '58030'])(
  'payments that get %s together, but not alone, are settled in smaller batches',
  async (code) => {
    const userIds = await Promise.all([1, 2, 3, 4, 5, 6].map(() => world.user()));
    for (const id of userIds) await world.accept(id, { amountMinor: 100n });
    await beginTrouble(code, 2);
    const worker = world.worker(createScriptedGateway().gateway);
    worker.start();
    await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
    await worker.stop(1000);
  },
);

test.each(Object.entries(TROUBLES))(
  'a payment that arrives while the server says %s is answered 503 and can be sent again with its key',
  async (_name, code) => {
    const api = await startTestApi(database.databaseUrl);
    const userId = await api.user();
    const send = () =>
      api.post(
        '/api/v1/payments/deposit',
        { user_id: userId, deposit: 5 },
        { 'idempotency-key': `key-${code}` },
      );
    await beginTrouble(code);
    const refused = await send();
    await endTrouble();
    const taken = await send();
    await api.stop();
    expect(refused).toMatchObject({ status: 503, json: { code: 'database-unavailable', retry: 'same-key' } });
    expect(taken.status).toBe(202);
  },
);
