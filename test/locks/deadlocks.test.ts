import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { classifyDatabaseError } from '../../src/database/transactions/classify-database-error.ts';
import { redriveDeadLetter } from '../../src/dead-letters/redrive-dead-letter.ts';
import { rescuePayments } from '../../src/payments/attempt/rescue-payments.ts';
import { processGatewayEvents } from '../../src/payments/callbacks/process-gateway-events.ts';
import { storeGatewayEvents } from '../../src/payments/callbacks/store-gateway-events.ts';
import { type FinishedRun, settlePayments } from '../../src/payments/conclude/settle-payments.ts';
import { askAboutUnknown } from '../../src/payments/unknown/ask-about-unknown.ts';
import { releaseTasks, renewLeases } from '../../src/queue/leases.sql.ts';
import { eventAbout } from '../builders/callbacks.ts';
import { claimPayments } from '../builders/claim-payments.ts';
import { createPaymentWorld, STEADY_CLOCK } from '../builders/payment-world.ts';
import { createScriptedGateway } from '../builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { LOCK_ORDER } from './lock-order.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

async function deadlockCount(): Promise<number> {
  // A session tells of what it saw when it is idle for a second, or ends.
  await sleep(1500);
  const { rows } = await database.pool.query(
    'select deadlocks::int as count from pg_stat_database where datname = current_database()',
  );
  return rows[0].count;
}

const shuffled = <Item>(items: readonly Item[]) =>
  items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);

const report = { inquiry: null, httpStatus: 200, errorClass: null, error: null, latencyMs: 1 };
function finished(payment: FinishedRun['payment']): FinishedRun {
  const dice = Math.random();
  if (dice < 0.4)
    return {
      payment,
      report: { ...report, outcome: 'succeeded' },
      decision: { kind: 'succeeded', gatewayReference: 'gw' },
    };
  if (dice < 0.6)
    return {
      payment,
      report: { ...report, outcome: 'refused' },
      decision: { kind: 'failed', reason: 'refused', error: 'no' },
    };
  if (dice < 0.7)
    return {
      payment,
      report: { ...report, outcome: 'unknown' },
      decision: { kind: 'unknown', error: 'lost' },
    };
  return {
    payment,
    report: { ...report, outcome: 'not_executed' },
    decision: {
      kind: 'retry',
      usesAttempt: false,
      delayMs: 0,
      unknown: 'cleared',
      notFoundCount: 0,
      hasCounted: false,
      turnedAwayCount: 0,
      error: 'again',
    },
  };
}

test('everything that works on the same payments at once waits for each other, and nothing ends in a deadlock', async () => {
  const { pool } = database;
  const world = createPaymentWorld(database);
  const users = await Promise.all(Array.from({ length: 4 }, () => world.user(1_000_000n)));
  let settledCount = 0;
  const startedAtMs = performance.now();
  /** Long enough for there to have been something to meet, on a busy machine too. */
  const isEnough = () => {
    const ranMs = performance.now() - startedAtMs;
    return ranMs > 25_000 || (ranMs > 5000 && settledCount > 100);
  };
  const serious: unknown[] = [];
  /** Many copies of one thing to do, again and again. */
  const keepDoing = async (copies: number, act: () => Promise<unknown>) => {
    await Promise.all(
      Array.from({ length: copies }, async () => {
        while (!isEnough()) {
          await act().catch((error: unknown) => {
            const { kind } = classifyDatabaseError(error);
            // A wait that took too long on a busy machine is none of what is looked for.
            if (kind !== 'lock_timeout' && kind !== 'timeout') serious.push(error);
          });
          await sleep(Math.random() * 10);
        }
      }),
    );
  };
  const someIds = async (table: string) => {
    const { rows } = await pool.query(`select payment_id as id from ${table} order by random() limit 15`);
    return rows.map(({ id }) => id as bigint);
  };
  const held = new Map<bigint, FinishedRun['payment']>();

  await Promise.all([
    keepDoing(4, async () => {
      const user = shuffled(users)[0] as bigint;
      await Promise.all([
        world.tryToAccept(user, { amountMinor: 1n }),
        world.tryToAccept(user, { amountMinor: 10n, type: 'deposit' }),
      ]);
    }),
    keepDoing(2, async () => {
      const { rows } = await pool.query(
        `select id, user_id from payments where type = 'deposit' and status = 'success' order by random() limit 3`,
      );
      await Promise.all(
        rows.map(({ id, user_id: userId }) =>
          world.tryToAccept(userId, {
            type: 'refund',
            amountMinor: 1n,
            refund: { depositId: id, wants: 'rest', reason: null },
          }),
        ),
      );
    }),
    keepDoing(3, async () => {
      const claimed = await claimPayments(pool, { worker: randomUUID(), limit: 20, leaseMs: 100 });
      for (const payment of claimed) held.set(payment.paymentId, payment);
    }),
    keepDoing(4, async () => {
      const runs = shuffled([...held.values()])
        .slice(0, 15)
        .map(finished);
      const lockedRows = Math.random() < 0.5 ? 'wait' : 'skip';
      const results = await settlePayments(pool, runs, { lockedRows });
      settledCount += results.filter((result) => result !== 'stale').length;
      for (const { payment } of runs) held.delete(payment.paymentId);
    }),
    keepDoing(3, () => renewLeases(pool, shuffled([...held.values()].map(({ task }) => task)), 100)),
    keepDoing(1, () => releaseTasks(pool, shuffled([...held.values()].map(({ task }) => task)).slice(0, 3))),
    keepDoing(2, () => rescuePayments(pool, { maxRescues: 2 })),
    keepDoing(3, async () => {
      const ids = [...(await someIds('payment_tasks')), ...(await someIds('payment_inquiries'))];
      const events = await Promise.all(
        shuffled(ids)
          .slice(0, 4)
          .map((id) => eventAbout(pool, id, { status: Math.random() < 0.5 ? 'succeeded' : 'refused' })),
      );
      await storeGatewayEvents(pool, events);
      const { failed } = await processGatewayEvents(pool, events);
      for (const { error } of failed) throw error;
    }),
    keepDoing(2, async () => {
      const { rows } = await pool.query(
        'select id from payment_dlq where action is null order by random() limit 3',
      );
      for (const { id } of rows) await redriveDeadLetter(pool, { id, by: 'ana', reason: 'tests' });
    }),
    keepDoing(2, async () => {
      await pool.query('update payment_inquiries set next_ask_at = now() where payment_id = any ($1)', [
        (await someIds('payment_inquiries')).sort((a, b) => (a < b ? -1 : 1)),
      ]);
      const scripted = createScriptedGateway();
      scripted.answerInquiries(() => ({ kind: 'not_found' }));
      await askAboutUnknown({
        pool,
        gateway: scripted.gateway,
        clock: STEADY_CLOCK,
        notFoundGraceMs: 0,
        claimMs: 1000,
        limit: 20,
      });
    }),
  ]);

  expect(serious).toEqual([]);
  expect(settledCount).toBeGreaterThan(50);
  expect(await deadlockCount()).toBe(0);
  expect(await world.violations()).toEqual([]);
});

test('a settlement that removes one task and retries another meets one that does it the other way round', async () => {
  const { pool } = database;
  const world = createPaymentWorld(database);
  const user = await world.user();
  for (let round = 0; round < 30; round += 1) {
    const first = await world.accept(user, { amountMinor: 1n });
    const second = await world.accept(user, { amountMinor: 1n });
    const claimed = await claimPayments(pool, { worker: 'w', limit: 10, leaseMs: 60_000 });
    const byId = new Map(claimed.map((payment) => [payment.paymentId, payment]));
    const one = byId.get(first) as FinishedRun['payment'];
    const two = byId.get(second) as FinishedRun['payment'];
    const retry = (payment: FinishedRun['payment']): FinishedRun => ({
      payment,
      report: { ...report, outcome: 'not_executed' },
      decision: {
        kind: 'retry',
        usesAttempt: false,
        delayMs: 3_600_000,
        unknown: 'cleared',
        notFoundCount: 0,
        hasCounted: false,
        turnedAwayCount: 0,
        error: 'again',
      },
    });
    const success = (payment: FinishedRun['payment']): FinishedRun => ({
      payment,
      report: { ...report, outcome: 'succeeded' },
      decision: { kind: 'succeeded', gatewayReference: 'gw' },
    });
    await Promise.all([
      settlePayments(pool, [success(two), retry(one)]),
      settlePayments(pool, [success(one), retry(two)]),
      renewLeases(pool, [two.task, one.task], 60_000),
    ]);
  }
  expect(await deadlockCount()).toBe(0);
});

describe('the SQL of the product', () => {
  const files = globSync('src/**/*.sql.ts');

  test('locks several rows in order, or waits for none of them', () => {
    const unordered = files.flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return [...text.matchAll(/for (?:no key )?update(?: of \w+)?([^`,)\n]*)/g)].flatMap((found) => {
        const before = text.slice(Math.max(0, found.index - 600), found.index);
        const statement = before.slice(Math.max(before.lastIndexOf('select'), 0));
        // Names one, or looks into the table that has one row.
        const isOfOneRow =
          /\b(?:id|payment_id|event_id) = \$1\b|\buser_id = \$1 and payment_id = \$2\b|limit 1\b|from integrity_checkpoint/.test(
            statement,
          );
        const isOrdered = /order by/.test(statement) || /skip locked/.test(found[1] ?? '');
        return isOfOneRow || isOrdered || text.slice(found.index - 3, found.index) === ' * '
          ? []
          : [`${file}: ${statement}`];
      });
    });
    expect(unordered).toEqual([]);
  });

  test('the order of locks names tables that there are', async () => {
    const { rows } = await database.pool.query(
      'select to_regclass(name) is not null as "isThere" from unnest($1::text[]) as name',
      [LOCK_ORDER],
    );
    expect(rows.every(({ isThere }) => isThere)).toBe(true);
  });
});
