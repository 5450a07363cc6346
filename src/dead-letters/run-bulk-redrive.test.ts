import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { runBulkRedriveSlice } from '../../test/support/bulk-redrive-slice.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import type { PaceClock } from '../background/pace.ts';
import type { LetterFilter } from './bulk-redrive.ts';
import {
  countOpenLetters,
  findBulkRedrive,
  insertBulkRedrive,
  recordSlice,
  resumeBulkRedrive,
  stopBulkRedrive,
  takeDueBulkRedrive,
} from './bulk-redrives.sql.ts';
import { discardDeadLetter } from './discard-dead-letter.ts';

let database: TestDatabase;
let world: PaymentWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
beforeEach(async () => {
  await database.pool.query(`delete from bulk_redrives; delete from payment_dlq; delete from payment_tasks`);
});
afterAll(() => database.close());

/** Lets deposits fail and gives the ids of their letters, oldest first. */
async function makeLetters(count: number, reason = 'refused'): Promise<bigint[]> {
  const userId = await world.user();
  const ids: bigint[] = [];
  for (let made = 0; made < count; made += 1) {
    const paymentId = await world.accept(userId, { type: 'deposit' });
    await database.pool.query('delete from payment_tasks where payment_id = $1', [paymentId]);
    await database.pool.query(`update payments set status = 'failed', attempts = 1 where id = $1`, [
      paymentId,
    ]);
    const { rows } = await database.pool.query(
      `insert into payment_dlq (payment_id, user_id, reason, attempts) values ($1, $2, $3, 1) returning id`,
      [paymentId, userId, reason],
    );
    ids.push(rows[0].id);
  }
  return ids;
}

async function begin(filter: LetterFilter = {}, perSecond = 100): Promise<bigint> {
  return (await insertBulkRedrive(database.pool, { filter, perSecond, by: 'ana', reason: 'test' })).id;
}

const atOnce = { now: () => 0, wait: async () => {} };
const runSlice = (changes: { clock?: PaceClock; claimMs?: number } = {}) =>
  runBulkRedriveSlice(database.pool, {
    clock: atOnce,
    onLetterFailed: (_id, error) => {
      throw error;
    },
    ...changes,
  });
const read = async (id: bigint) => (await findBulkRedrive(database.knex, id))!;

test('redrives every open letter that matches, and no other', async () => {
  await makeLetters(3);
  await makeLetters(2, 'attempts_exhausted');
  const id = await begin({ reasons: ['refused'] });
  await runSlice();
  expect(await read(id)).toMatchObject({ state: 'done', totalCount: 3, redrivenCount: 3 });
  expect(await countOpenLetters(database.knex, {})).toBe(2);
});

test('redrives the letters that are named', async () => {
  const [first, , third] = await makeLetters(3);
  const id = await begin({ letterIds: [first!, third!] });
  await runSlice();
  expect(await read(id)).toMatchObject({ state: 'done', totalCount: 2, redrivenCount: 2 });
  expect(await countOpenLetters(database.knex, {})).toBe(1);
});

test('the letters of each second are spread over that second', async () => {
  await makeLetters(10);
  const id = await begin({}, 4);
  // A clock that only waiting moves: what is asked for is then all that passes.
  let nowMs = 0;
  const redrivenAtMs: number[] = [];
  let openCount = 10;
  const clock = {
    now: () => nowMs,
    async wait(ms: number) {
      const left = await countOpenLetters(database.knex, {});
      for (; openCount > left; openCount -= 1) redrivenAtMs.push(nowMs);
      nowMs += ms;
    },
  };
  while ((await read(id)).state === 'running') await runSlice({ clock });
  await clock.wait(0);
  expect(redrivenAtMs).toEqual([0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250]);
});

test('lost time is not made up for by a burst', async () => {
  await makeLetters(4);
  const id = await begin({}, 2);
  let nowMs = 0;
  const waitedMs: number[] = [];
  const clock = {
    now: () => nowMs,
    async wait(ms: number) {
      waitedMs.push(ms);
      // The process stands still for a long time.
      nowMs += ms + 10_000;
    },
  };
  while ((await read(id)).state === 'running') await runSlice({ clock, claimMs: 600_000 });
  for (const ms of waitedMs) expect(ms).toBeLessThanOrEqual(500);
  expect(waitedMs.length).toBeGreaterThanOrEqual(3);
});

test('a redrive ends slice by slice, and takes no letters that were written after it began', async () => {
  await makeLetters(5);
  const id = await begin({}, 2);
  await makeLetters(4);
  while ((await read(id)).state === 'running') await runSlice();
  expect(await read(id)).toMatchObject({ state: 'done', redrivenCount: 5 });
  expect(await countOpenLetters(database.knex, {})).toBe(4);
});

test('a letter that somebody else closed in the meantime is left alone', async () => {
  const [first] = await makeLetters(2);
  const id = await begin();
  await discardDeadLetter(database.pool, { id: first!, by: 'bea', reason: 'paid by hand' });
  await runSlice();
  expect(await read(id)).toMatchObject({ state: 'done', totalCount: 2, redrivenCount: 1 });
});

test('a withdrawal that cannot be paid for stays a letter', async () => {
  const userId = await world.user(5100n);
  const [letterId] = await makeLetters(1);
  const poor = await world.accept(userId);
  await database.pool.query(`update payment_dlq set payment_id = $1, user_id = $2 where id = $3`, [
    poor,
    userId,
    letterId,
  ]);
  const id = await begin();
  await runSlice();
  expect(await read(id)).toMatchObject({ state: 'done', redrivenCount: 0, refusedCount: 1 });
  expect(await countOpenLetters(database.knex, {})).toBe(1);
});

test('a worker that takes over after a crash counts what was done, and does nothing twice', async () => {
  await makeLetters(3);
  const id = await begin();
  // The first worker redrives all of them and is lost before it can write so.
  await database.pool.query('create table saved as select * from bulk_redrives');
  await runSlice();
  await database.pool.query(
    `delete from bulk_redrives; insert into bulk_redrives overriding system value select * from saved; drop table saved`,
  );
  const paymentCount = await world.count('payments');
  await runSlice();
  expect(await read(id)).toMatchObject({ state: 'done', redrivenCount: 3, skippedCount: 0 });
  expect(await world.count('payments')).toBe(paymentCount);
});

test('while one worker has claimed a redrive no other takes it, until the claim is over', async () => {
  await makeLetters(1);
  await begin();
  expect(await takeDueBulkRedrive(database.pool, { claimMs: 600_000 })).toBeDefined();
  expect(await takeDueBulkRedrive(database.pool, { claimMs: 600_000 })).toBeUndefined();
  await database.pool.query(`update bulk_redrives set next_slice_at = now()`);
  expect(await takeDueBulkRedrive(database.pool, { claimMs: 600_000 })).toBeDefined();
});

test('if two workers had the same slice, one of them counts it', async () => {
  await makeLetters(1);
  const id = await begin();
  const redrive = (await takeDueBulkRedrive(database.pool, { claimMs: 0 }))!;
  const slice = {
    doneLetterId: redrive.lastLetterId,
    counts: { redriven: 1, refused: 0, withheld: 0, skipped: 0, failed: 0 },
    isLast: false,
  };
  expect(await recordSlice(database.pool, redrive, slice)).toBe(true);
  expect(await recordSlice(database.pool, redrive, slice)).toBe(false);
  expect((await read(id)).redrivenCount).toBe(1);
});

test('a stopped redrive does nothing, and resumes where it stopped', async () => {
  await makeLetters(3);
  const id = await begin({}, 2);
  await runSlice();
  expect(await stopBulkRedrive(database.pool, { id, by: 'bea' })).toBe(true);
  expect(await runSlice()).toBeUndefined();
  expect(await read(id)).toMatchObject({ state: 'stopped', stoppedBy: 'bea', redrivenCount: 2 });
  expect(await resumeBulkRedrive(database.pool, { id })).toBe(true);
  await runSlice();
  expect(await read(id)).toMatchObject({ state: 'done', redrivenCount: 3 });
  expect(await resumeBulkRedrive(database.pool, { id })).toBe(false);
});

test('letters with evidence that the money moved are left to a person, and counted separately', async () => {
  const [first, second] = await makeLetters(3, 'attempts_exhausted');
  await database.pool.query(
    `insert into payment_attempts (payment_id, run_lease, user_id, attempt, worker, outcome, finished_at)
     select payment_id, 1, user_id, 1, 'w', 'succeeded', now() from payment_dlq where id = $1`,
    [second],
  );
  const id = await begin();
  await runSlice();
  expect(await read(id)).toMatchObject({
    state: 'done',
    totalCount: 3,
    redrivenCount: 2,
    withheldCount: 1,
    refusedCount: 0,
    skippedCount: 0,
    failedCount: 0,
  });
  expect(await countOpenLetters(database.knex, { letterIds: [second!] })).toBe(1);
  expect(await countOpenLetters(database.knex, { letterIds: [first!] })).toBe(0);
});
