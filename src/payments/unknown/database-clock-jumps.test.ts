import { createPaymentWorld, type PaymentWorld } from '../../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { installShiftedClock, type ShiftedClock } from '../../../test/support/shifted-clock.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { InquiryOutcome } from '../../gateway/port/payment-gateway.ts';
import { bringForward } from '../../worker/bring-forward.ts';
import { rescuePayments } from '../attempt/rescue-payments.ts';
import { askAboutUnknown } from './ask-about-unknown.ts';
import type { ClockStep } from './decide-clock-step.ts';
import { createSteadyClock, type SteadyClock } from './steady-clock.ts';

/*
 * The clock of the database is set ahead or back while the gateway does not show yet what it carried out. Time passes in truth only
 * where `pass` says so, for the database and for the processes alike.
 */
const GRACE_MINUTES = 15;
const WATCH_SECONDS = 30;

let database: TestDatabase;
let world: PaymentWorld;
let server: ShiftedClock;
let passedSeconds: number;
let jumpedSeconds: number;
let steps: ClockStep[];

beforeEach(async () => {
  database = await createTestDatabase();
  server = await installShiftedClock(database);
  world = createPaymentWorld(database);
  [passedSeconds, jumpedSeconds] = [0, 0];
  steps = [];
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
  await server.remove();
  await database.close();
});

const setServer = () => server.shift(`${passedSeconds + jumpedSeconds} seconds`);

/** Somebody sets the clock of the database. */
async function jump(minutes: number): Promise<void> {
  jumpedSeconds += minutes * 60;
  await setServer();
}

/** Time passes; whoever watches the clock goes on doing so. */
async function pass(minutes: number, watched: readonly SteadyClock[]): Promise<void> {
  for (let leftSeconds = minutes * 60; leftSeconds > 0; leftSeconds -= WATCH_SECONDS) {
    passedSeconds += WATCH_SECONDS;
    await setServer();
    for (const clock of watched) await clock.look();
  }
}

/** The clock of a process, which has its own idea of when time began. */
function startProcess(beganSeconds = 0): SteadyClock {
  return createSteadyClock({
    queryable: database.pool,
    monotonicMs: () => performance.now() + (passedSeconds + beganSeconds) * 1000,
    onUnsteady: (step) => steps.push(step),
  });
}

async function makeUnknown(clock: SteadyClock): Promise<bigint> {
  await clock.look();
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers.unknown);
  const paymentId = await world.accept(await world.user());
  const worker = world.worker(scripted.gateway, { clock });
  worker.start();
  await waitUntil('an unknown payment', async () => (await world.payment(paymentId)).status === 'unknown');
  await worker.stop(1000);
  return paymentId;
}

async function ask(
  clock: SteadyClock,
  answer: () => Promise<InquiryOutcome> = async () => ({ kind: 'not_found' }),
) {
  const scripted = createScriptedGateway();
  scripted.answerInquiries(answer);
  await database.pool.query('update payment_inquiries set next_ask_at = now()');
  return await askAboutUnknown({
    pool: database.pool,
    gateway: scripted.gateway,
    clock,
    notFoundGraceMs: GRACE_MINUTES * 60_000,
    claimMs: 60_000,
    limit: 10,
  });
}

const HELD = { status: 'unknown', transactionStatus: 'held' };
const VOIDED = { status: 'failed', transactionStatus: 'voided' };

test('a clock that is set ahead between two answers makes neither count, and the payment fails once the time has really passed', async () => {
  const clock = startProcess();
  const paymentId = await makeUnknown(clock);
  await ask(clock);
  for (const minutes of [60, 60, 525_600]) {
    await jump(minutes);
    await ask(clock);
    expect(await world.payment(paymentId)).toMatchObject(HELD);
  }
  expect(steps.filter(({ kind }) => kind === 'jumped')).toHaveLength(3);
  await pass(GRACE_MINUTES - 1, [clock]);
  await ask(clock);
  await pass(1.5, [clock]);
  await ask(clock);
  expect(await world.payment(paymentId)).toMatchObject(HELD);
  await pass(2, [clock]);
  await ask(clock);
  expect(await world.payment(paymentId)).toMatchObject(VOIDED);
});

test('an answer that counted before the clock was set ahead does not make the next one the second in time', async () => {
  const clock = startProcess();
  const paymentId = await makeUnknown(clock);
  await pass(GRACE_MINUTES + 1, [clock]);
  expect(await ask(clock)).toMatchObject([{ decision: { kind: 'ask_again', notFoundCount: 1 } }]);
  await jump(2);
  await ask(clock);
  expect(await world.payment(paymentId)).toMatchObject(HELD);
  // Nor the first one: when it counted, the clock may have been ahead already.
  await pass(GRACE_MINUTES + 1, [clock]);
  await ask(clock);
  expect(await world.payment(paymentId)).toMatchObject(HELD);
  await pass(2, [clock]);
  await ask(clock);
  expect(await world.payment(paymentId)).toMatchObject(VOIDED);
});

test('after a jump the time is measured from the first answer that counts, whatever had counted before', async () => {
  const clock = startProcess();
  const paymentId = await makeUnknown(clock);
  await pass(GRACE_MINUTES + 1, [clock]);
  await ask(clock);
  await jump(2);
  await clock.look();
  await pass(GRACE_MINUTES + 1, [clock]);
  expect(await ask(clock)).toMatchObject([
    { decision: { kind: 'ask_again', notFoundCount: 1, hasCounted: true } },
  ]);
  await pass(2, [clock]);
  await ask(clock);
  expect(await world.payment(paymentId)).toMatchObject(VOIDED);
});

test('a clock that is set ahead while the gateway is asked makes the answer count for nothing', async () => {
  const clock = startProcess();
  const paymentId = await makeUnknown(clock);
  await ask(clock);
  for (let round = 0; round < 3; round += 1)
    await ask(clock, async () => {
      await jump(60);
      return { kind: 'not_found' };
    });
  expect(await world.payment(paymentId)).toMatchObject(HELD);
});

test('a process that starts right after the jump believes no more than the others', async () => {
  const paymentId = await makeUnknown(startProcess());
  for (let round = 0; round < 3; round += 1) {
    await jump(60);
    await ask(startProcess(round * 1000));
  }
  expect(await world.payment(paymentId)).toMatchObject(HELD);
});

test('processes that come and go while the clock is steady wait no longer than one that stays', async () => {
  const first = startProcess();
  const paymentId = await makeUnknown(first);
  await pass(GRACE_MINUTES - 5, [first]);
  const second = startProcess(-9000);
  await pass(6, [second]);
  await ask(startProcess(5000));
  await pass(2, [first, second]);
  await ask(second);
  expect(await world.payment(paymentId)).toMatchObject(VOIDED);
});

test('time in which nobody watched the clock does not count: it may have been set, or an older state put back', async () => {
  const paymentId = await makeUnknown(startProcess());
  await pass(GRACE_MINUTES + 5, []);
  const clock = startProcess();
  await ask(clock);
  await pass(2, [clock]);
  await ask(clock);
  expect(await world.payment(paymentId)).toMatchObject(HELD);
  expect(steps.at(-1)).toMatchObject({ kind: 'unwatched' });
  await pass(GRACE_MINUTES, [clock]);
  await ask(clock);
  await pass(2, [clock]);
  await ask(clock);
  expect(await world.payment(paymentId)).toMatchObject(VOIDED);
});

test('a clock that is set back by a year keeps nobody waiting for a year', async () => {
  await jump(525_600);
  const clock = startProcess();
  const paymentId = await makeUnknown(clock);
  await ask(clock);
  await jump(-525_600);
  await ask(clock);
  expect(await world.payment(paymentId)).toMatchObject(HELD);
  await pass(GRACE_MINUTES + 1, [clock]);
  await ask(clock);
  await pass(2, [clock]);
  await ask(clock);
  expect(await world.payment(paymentId)).toMatchObject(VOIDED);
});

test('a change that could not be recorded is found again by the next look', async () => {
  let isBroken = false;
  const query: typeof database.pool.query = ((...args: unknown[]) => {
    if (isBroken && JSON.stringify(args).includes('note-clock-change'))
      throw new Error('the database is away');
    return (database.pool.query as (...all: unknown[]) => unknown)(...args);
  }) as typeof database.pool.query;
  const clock = createSteadyClock({ queryable: { query: query.bind(database.pool) } as never });
  await clock.look();
  await pass(1, []);
  isBroken = true;
  await expect(clock.look()).rejects.toThrow('away');
  isBroken = false;
  expect(await clock.look()).toMatchObject({ steadyForMs: 0 });
});

test('a worker that asks before it sends fails nothing on the word of a clock that was set ahead', async () => {
  const clock = startProcess();
  await clock.look();
  const scripted = createScriptedGateway();
  scripted.answerSends((_, sendNumber) => (sendNumber === 1 ? answers.unknown : answers.notExecuted));
  scripted.answerInquiries(async () => {
    await jump(60);
    return { kind: 'not_found' };
  });
  const paymentId = await world.accept(await world.user());
  const policy = {
    maxAttempts: 5,
    backoff: { baseMs: 1, maxMs: 5, jitterMs: 1 },
    notFoundGraceMs: GRACE_MINUTES * 60_000,
  };
  const worker = world.worker(scripted.gateway, { clock, policy });
  worker.start();
  await waitUntil('an end', async () => (await world.payment(paymentId)).status !== 'processing');
  await worker.stop(1000);
  expect(await world.payment(paymentId)).toMatchObject(HELD);
});

test('leases that a jump ended early are taken over, and the answers of both workers settle once', async () => {
  const userId = await world.user(100_000n);
  const paymentId = await world.accept(userId);
  const scripted = createScriptedGateway();
  let answerFirst = () => {};
  scripted.answerSends((_, sendNumber) =>
    sendNumber === 1
      ? new Promise((resolve) => {
          answerFirst = () => resolve(answers.succeeded);
        })
      : answers.succeeded,
  );
  const [first, second] = [world.worker(scripted.gateway), world.worker(scripted.gateway)];
  first.start();
  await waitUntil('a call', async () => scripted.sent.length === 1);
  await jump(60);
  await rescuePayments(database.pool, { maxRescues: 5 });
  second.start();
  await waitUntil('a settled payment', async () => (await world.payment(paymentId)).status === 'success');
  answerFirst();
  await Promise.all([first.stop(5000), second.stop(5000)]);
  expect(scripted.inquired).toHaveLength(1);
  expect(new Set(scripted.sent.map(({ reference }) => reference)).size).toBe(1);
  expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n, heldMinor: 0n });
});

test('what was postponed by a clock that was a year ahead goes on once it is set back', async () => {
  await jump(525_600);
  const unknownId = await makeUnknown(startProcess());
  const waitingId = await world.accept(await world.user());
  const lostId = await world.accept(await world.user());
  await database.pool.query(
    `update payment_tasks set state = 'running', locked_by = 'lost', lease_expires_at = now() + interval '30 s' where payment_id = $1`,
    [lostId],
  );
  await database.pool.query(
    `insert into bulk_redrives (letter_reasons, last_letter_id, per_second, total_count, requested_by, reason, state, next_slice_at)
     values ('{refused}', 0, 1, 0, 'ana', 'x', 'running', now())`,
  );
  await jump(-525_600);
  expect(
    await bringForward(database.pool, [{ gatewayName: null, longestPauseMs: 30_000 }], { leaseMs: 0 }),
  ).toBe(4);
  expect(
    await bringForward(database.pool, [{ gatewayName: null, longestPauseMs: 30_000 }], { leaseMs: 0 }),
  ).toBe(0);
  const { rows } = await database.pool.query(
    `select payment_id from payment_inquiries where next_ask_at <= now()
     union all select payment_id from payment_tasks where least(run_at, lease_expires_at) <= now() order by 1`,
  );
  expect(rows.map(({ payment_id }) => payment_id)).toEqual([unknownId, waitingId, lostId]);
});
