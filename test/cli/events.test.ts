import { createPaymentWorld } from '../builders/payment-world.ts';
import { createDatabaseProxy } from '../support/database-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';
import { createTollgate } from './run-tollgate.ts';

let database: TestDatabase;
let tollgate: ReturnType<typeof createTollgate>;
beforeAll(async () => {
  database = await createTestDatabase();
  tollgate = createTollgate({ DATABASE_URL: database.databaseUrl, EVENTS_SOURCE: 'urn:here' });
});
afterAll(async () => await database.close());

test('events tail prints what happened, then what happens, and says where to go on', async () => {
  const world = createPaymentWorld(database);
  const userId = await world.user();
  const once = await tollgate.run(['events', 'tail', '--all', '--once']);
  expect(once.code).toBe(0);
  expect(once.output).toMatch(/^\d{4}-\S+Z {2}tollgate\.wallet\.created\.v1 {2}wallet:\d+ {2}\{"wallet_id":/);
  const cursor = /--after (e\d+-[0-9a-f]{8})/.exec(once.errors)?.[1] as string;

  const tail = tollgate.start([
    'events',
    'tail',
    '--after',
    cursor,
    '--json',
    '--type',
    'tollgate.payment.accepted.v1',
  ]);
  let heard = '';
  tail.child.stdout.on('data', (text: string) => {
    heard += text;
  });
  const paymentId = await world.accept(userId);
  await waitUntil('an event', () => heard.includes('\n'));
  tail.child.kill('SIGINT');
  expect((await tail.ended).code).toBe(130);
  expect(JSON.parse(heard)).toMatchObject({
    specversion: '1.0',
    source: 'urn:here',
    type: 'tollgate.payment.accepted.v1',
    subject: `payment:${paymentId}`,
    data: { user_id: Number(userId), status: 'processing' },
  });
});

test('events tail goes on when a database that was away is back, and says once that it is away', async () => {
  const world = createPaymentWorld(database);
  const proxy = await createDatabaseProxy(database.databaseUrl);
  const cut = createTollgate({ DATABASE_URL: proxy.url });
  await world.user();
  const tail = cut.start(['events', 'tail', '--all', '--json']);
  let [heard, complaints] = ['', ''];
  tail.child.stdout.on('data', (text: string) => {
    heard += text;
  });
  tail.child.stderr.on('data', (text: string) => {
    complaints += text;
  });
  await waitUntil('an event', () => heard.includes('\n'));
  await proxy.cut();
  await waitUntil('a complaint', () => complaints.includes('gives no answer'));
  const userId = await world.user();
  await proxy.listen();
  await waitUntil('what happened meanwhile', () => heard.includes(`"user_id":${userId},`));
  tail.child.kill('SIGINT');
  expect((await tail.ended).code).toBe(130);
  expect(complaints.match(/gives no answer/g)?.length).toBeLessThanOrEqual(2);
  await proxy.cut();
});

test.each([
  [['--after', 'x'], 'must be the cursor of an event'],
  [['--after', 'e1-00000000', '--all'], 'cannot be used with'],
  [['--after', 'e1'], 'must be the cursor of an event'],
  [['--subject', 'paymnt:1'], 'must be a kind'],
  [['--subject', 'payment'], 'must be a kind (payment, wallet,'],
  [['--type', 'nonsense'], 'Allowed choices are'],
])('events tail %p is refused', async (args, message) => {
  const { code, errors } = await tollgate.run(['events', 'tail', ...args]);
  expect([code, errors]).toEqual([64, expect.stringContaining(message)]);
});

test('events tail ends with an error where the event of its cursor is not there', async () => {
  const { code, errors } = await tollgate.run(['events', 'tail', '--after', 'e4711-2f0a91c4']);
  expect([code, errors]).toEqual([1, expect.stringContaining('is not there')]);
});
