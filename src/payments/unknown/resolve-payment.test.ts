import { createPaymentWorld, type PaymentWorld } from '../../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { listDeadLetters } from '../../dead-letters/list-dead-letters.sql.ts';
import { redriveDeadLetter } from '../../dead-letters/redrive-dead-letter.ts';
import { resolvePayment } from './resolve-payment.ts';

let database: TestDatabase;
let world: PaymentWorld;
const scripted = createScriptedGateway();

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterEach(async () => expect(await world.violations()).toEqual([]));
afterAll(() => database.close());

async function makeUnknown(userId: bigint): Promise<bigint> {
  scripted.answerSends(() => answers.unknown);
  const paymentId = await world.accept(userId);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an unknown payment', async () => (await world.payment(paymentId)).status === 'unknown');
  await worker.stop(1000);
  return paymentId;
}

const resolve = (paymentId: bigint, outcome: 'executed' | 'not_executed', by = 'ana') =>
  resolvePayment(database.pool, {
    paymentId,
    outcome,
    by,
    reason: 'the gateway confirmed it on the phone',
    evidence: 'ticket 4711',
    gatewayReference: 'gw-by-phone',
  });

async function letterOf(paymentId: bigint) {
  const { items: letters } = await listDeadLetters(database.knex, { state: 'all', limit: 100 });
  return letters.find((letter) => letter.paymentId === paymentId);
}

test('a payment that a person found executed is settled, and everything of it is kept', async () => {
  const userId = await world.user(100_000n);
  const paymentId = await makeUnknown(userId);
  expect(await resolve(paymentId, 'executed')).toMatchObject({ kind: 'resolved' });
  expect(await world.payment(paymentId)).toMatchObject({
    status: 'success',
    gatewayReference: 'gw-by-phone',
    transactionStatus: 'posted',
  });
  expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n, heldMinor: 0n });
  expect(await letterOf(paymentId)).toMatchObject({
    action: 'resolved',
    actionBy: 'ana',
    actionReason: 'the gateway confirmed it on the phone',
  });
  expect(await world.count(`payment_inquiries where payment_id = ${paymentId}`)).toBe(0);
  const { rows } = await database.pool.query('select * from payment_resolutions where payment_id = $1', [
    paymentId,
  ]);
  expect(rows).toMatchObject([{ outcome: 'executed', resolved_by: 'ana', evidence: 'ticket 4711' }]);
});

test('a payment that a person found not executed fails: its hold is released and its letter can be redriven', async () => {
  const userId = await world.user(100_000n);
  const paymentId = await makeUnknown(userId);
  expect(await resolve(paymentId, 'not_executed')).toMatchObject({ kind: 'resolved' });
  expect(await world.payment(paymentId)).toMatchObject({ status: 'failed', transactionStatus: 'voided' });
  expect(await world.wallet(userId)).toMatchObject({ postedMinor: 100_000n, heldMinor: 0n });
  const letter = await letterOf(paymentId);
  expect(letter).toMatchObject({ reason: 'attempts_exhausted', action: null });
  expect(
    await redriveDeadLetter(database.pool, { id: letter?.id as bigint, by: 'ana', reason: null }),
  ).toMatchObject({ kind: 'redriven' });
  await database.pool.query('delete from payment_tasks');
});

test('of people who decide at once one wins, and the others are told who', async () => {
  for (let round = 0; round < 10; round += 1) {
    const paymentId = await makeUnknown(await world.user());
    const people = ['ana', 'ben', 'cleo'];
    const outcomes = await Promise.all(
      people.map((by, index) => resolve(paymentId, index === 1 ? 'not_executed' : 'executed', by)),
    );
    const winner = people[outcomes.findIndex(({ kind }) => kind === 'resolved')];
    expect(outcomes.filter(({ kind }) => kind === 'resolved')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'already_resolved')).toEqual([
      { kind: 'already_resolved', by: winner, outcome: winner === 'ben' ? 'not_executed' : 'executed' },
      { kind: 'already_resolved', by: winner, outcome: winner === 'ben' ? 'not_executed' : 'executed' },
    ]);
  }
});

test('a person who resolves and one who redrives at once: one wins', async () => {
  for (let round = 0; round < 10; round += 1) {
    const paymentId = await makeUnknown(await world.user());
    const id = (await letterOf(paymentId))?.id as bigint;
    const [resolved, redriven] = await Promise.all([
      resolve(paymentId, 'executed'),
      redriveDeadLetter(database.pool, { id, by: 'ben', reason: null }),
    ]);
    expect([resolved.kind, redriven.kind]).toEqual(
      resolved.kind === 'resolved' ? ['resolved', 'already_handled'] : ['not_unknown', 'redriven'],
    );
  }
  await database.pool.query('delete from payment_tasks');
});

test('nobody decides about a payment whose outcome is known, that is in the queue, or that does not exist', async () => {
  const userId = await world.user();
  const waiting = await world.accept(userId);
  expect(await resolve(waiting, 'executed')).toEqual({ kind: 'not_unknown', status: 'new' });
  scripted.answerSends(() => answers.succeeded);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('the payment', async () => (await world.payment(waiting)).status === 'success');
  await worker.stop(1000);
  expect(await resolve(waiting, 'not_executed')).toEqual({ kind: 'not_unknown', status: 'success' });
  expect(await resolve(123_456_789n, 'executed')).toEqual({ kind: 'not_found' });
});

test('a payment that the gateway once answered with success cannot be resolved as not executed', async () => {
  const paymentId = await makeUnknown(await world.user());
  await database.pool.query(
    `update payment_attempts set outcome = 'succeeded' where payment_id = $1 and attempt = 1`,
    [paymentId],
  );
  expect(await resolve(paymentId, 'not_executed')).toMatchObject({
    kind: 'evidence',
    evidence: [{ source: 'attempt' }],
  });
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown' });
  expect(await resolve(paymentId, 'executed')).toMatchObject({ kind: 'resolved' });
});

test('what a person decided cannot be changed', async () => {
  await expect(database.pool.query(`update payment_resolutions set resolved_by = 'x'`)).rejects.toThrow(
    'is not allowed',
  );
});
