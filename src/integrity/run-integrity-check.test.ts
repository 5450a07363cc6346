import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { createScriptedGateway } from '../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil as waitUntilWithin } from '../../test/support/wait-until.ts';
import { findSystemAccounts, type SystemAccounts } from '../ledger/system-accounts.ts';
import { type IntegrityRun, runIntegrityCheck } from './run-integrity-check.ts';
import type { Rule } from './violation.ts';

/** A check takes many round trips, and a busy machine makes each of them slow. */
const PATIENCE = { deadlineMs: 60_000 };

let database: TestDatabase;
let world: PaymentWorld;
let accounts: SystemAccounts;

beforeEach(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  accounts = await findSystemAccounts(database.pool, 'USD');
});
afterEach(() => database.close());

const waitUntil = <T>(what: string, happens: Parameters<typeof waitUntilWithin<T>>[1]) =>
  waitUntilWithin(what, happens, PATIENCE);

const check = (changes: Partial<Parameters<typeof runIntegrityCheck>[1]> = {}): Promise<IntegrityRun> =>
  runIntegrityCheck(database.pool, {
    runMs: 10_000,
    stepRows: 1000,
    reviewRows: 100_000,
    graceMs: 0,
    ...changes,
  });

/** Changes rows as somebody does who has the rights of a superuser and switches the triggers off. */
async function tamper(statement: string, values: readonly unknown[] = []): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin; set local session_replication_role = replica');
    await client.query(statement, [...values]);
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** Transactions of other tests on the same server hold the watermark back for a moment. */
async function checkUntilFound(rule: Rule, subject: RegExp): Promise<void> {
  await waitUntil(`a violation of ${rule}`, async () => {
    await check();
    return (await standing()).some((found) => found.rule === rule && subject.test(found.subject));
  });
}

async function standing(): Promise<{ rule: string; subject: string; detail: string }[]> {
  const { rows } = await database.pool.query(
    'select rule, subject, detail from integrity_violations where resolved_at is null order by id',
  );
  return rows;
}

async function caughtUp(): Promise<void> {
  await waitUntil('a check that has read everything', async () => {
    await check();
    const { rows } = await database.pool.query(
      'select not exists (select from ledger_entries, integrity_checkpoint where written_by_xid >= checked_below) as is_caught_up',
    );
    return rows[0].is_caught_up;
  });
}

async function wallet(userId: bigint): Promise<bigint> {
  const { rows } = await database.pool.query('select id from accounts where user_id = $1', [userId]);
  return rows[0].id;
}

/** A user with one settled deposit, one settled and one held withdrawal. */
async function someHistory() {
  const { gateway } = createScriptedGateway();
  const userId = await world.user(100_000n);
  const depositId = await world.accept(userId, { type: 'deposit', amountMinor: 10_000n });
  const withdrawalId = await world.accept(userId, { amountMinor: 2_000n });
  const worker = world.worker(gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
  const openId = await world.accept(userId, { amountMinor: 3_000n });
  return { userId, depositId, withdrawalId, openId, walletId: await wallet(userId) };
}

async function transactionOf(paymentId: bigint, step: string): Promise<bigint> {
  const { rows } = await database.pool.query(
    'select id from ledger_transactions where reference = $1 and step = $2',
    [`payment:${paymentId}`, step],
  );
  return rows[0].id;
}

test('a sound ledger has no violation, however often it is checked', async () => {
  await someHistory();
  await caughtUp();
  expect((await check()).kind).toBe('done');
  expect(await standing()).toEqual([]);
  const { rows } = await database.pool.query('select last_error, last_success_at from integrity_checkpoint');
  expect(rows).toEqual([{ last_error: null, last_success_at: expect.any(Date) }]);
});

test('I1: a new entry that has no counterpart is found', async () => {
  const { walletId } = await someHistory();
  await caughtUp();
  await tamper('insert into ledger_entries (account_id, transaction_id, amount) values ($1, 999999999, 3)', [
    walletId,
  ]);
  await checkUntilFound('transaction_sums_to_zero', /^transaction:999999999$/);
  await checkUntilFound('entries_belong_to_a_step', /^transaction:999999999$/);
});

test('I1: an old entry that is changed is found by the rolling review', async () => {
  const { depositId } = await someHistory();
  await caughtUp();
  const transactionId = await transactionOf(depositId, 'settle');
  await tamper(
    'update ledger_entries set amount = amount - 1 where transaction_id = $1 and account_id = $2',
    [transactionId, accounts.fee],
  );
  await checkUntilFound('transaction_sums_to_zero', new RegExp(`^transaction:${transactionId}$`));
});

test('I2: a balance that is changed by hand is found, and ends when it is put right', async () => {
  const { walletId } = await someHistory();
  await caughtUp();
  await tamper('update accounts set posted = posted + 1 where id = $1', [walletId]);
  await checkUntilFound('balance_equals_entries', new RegExp(`^account:${walletId}$`));
  await tamper('update accounts set posted = posted - 1 where id = $1', [walletId]);
  await waitUntil('no violation', async () => {
    await check();
    return (await standing()).length === 0;
  });
});

test('I2: the folded balance of a system account that is changed by hand is found', async () => {
  await someHistory();
  await caughtUp();
  await tamper('update accounts set posted = posted + 5 where id = $1', [accounts.gateway]);
  await checkUntilFound('balance_equals_entries', new RegExp(`^account:${accounts.gateway}$`));
});

test('I2: an entry that is deleted before it was ever read is found', async () => {
  const { depositId, walletId } = await someHistory();
  await tamper('delete from ledger_entries where transaction_id = $1', [
    await transactionOf(depositId, 'settle'),
  ]);
  await checkUntilFound('balance_equals_entries', new RegExp(`^account:${walletId}$`));
  await checkUntilFound('status_agrees_with_ledger', new RegExp(`^payment:${depositId}$`));
});

test('I2: entries that are deleted long after they were read are found, and forgotten when they are back', async () => {
  const { depositId, walletId } = await someHistory();
  await caughtUp();
  const transactionId = await transactionOf(depositId, 'settle');
  await tamper(
    'create table kept_entries as select * from ledger_entries where transaction_id = $1'.replace(
      '$1',
      `${transactionId}`,
    ),
  );
  await tamper('delete from ledger_entries where transaction_id = $1', [transactionId]);
  await checkUntilFound('balance_equals_entries', new RegExp(`^account:${walletId}$`));
  await checkUntilFound('balance_equals_entries', new RegExp(`^account:${accounts.fee}$`));
  await tamper('insert into ledger_entries select * from kept_entries');
  await waitUntil('no violation', async () => {
    await check();
    return (await standing()).length === 0;
  });
});

test('I2: all the entries of an account deleted are found', async () => {
  const { walletId } = await someHistory();
  await caughtUp();
  await tamper('delete from ledger_entries where account_id = $1', [walletId]);
  await checkUntilFound('balance_equals_entries', new RegExp(`^account:${walletId}$`));
});

test('I3: a wallet below its floor is found', async () => {
  const { walletId } = await someHistory();
  await caughtUp();
  await tamper('alter table accounts drop constraint accounts_overdraft');
  await tamper('update accounts set posted = -1 where id = $1', [walletId]);
  await checkUntilFound('wallet_above_floor', new RegExp(`^account:${walletId}$`));
});

test('I3: a closed wallet with money in it is found', async () => {
  const { walletId } = await someHistory();
  await caughtUp();
  await tamper('alter table accounts drop constraint accounts_closed_are_empty');
  await tamper(`update accounts set state = 'closed' where id = $1`, [walletId]);
  await checkUntilFound('closed_wallet_is_empty', new RegExp(`^account:${walletId}$`));
});

test('I4: a payment that is settled a second time is found', async () => {
  const { depositId } = await someHistory();
  await caughtUp();
  await tamper('alter table ledger_transactions drop constraint ledger_transactions_step_once');
  await tamper(
    `with header as (
       insert into ledger_transactions (reference, step, user_id)
       select reference, step, user_id from ledger_transactions where reference = $1 and step = 'settle'
       returning id
     )
     insert into ledger_entries (account_id, transaction_id, amount, user_id)
     select entry.account_id, header.id, entry.amount, entry.user_id
     from header, ledger_entries as entry
     where entry.transaction_id = (select min(id) from ledger_transactions where reference = $1 and step = 'settle')`,
    [`payment:${depositId}`],
  );
  // The double itself is consistent: balances follow the entries, and each transaction sums to zero.
  await tamper(
    'update accounts set posted = posted + 9800 where user_id = (select user_id from payments where id = $1)',
    [depositId],
  );
  await checkUntilFound('payment_settled_once', new RegExp(`^payment:${depositId}$`));
  expect((await standing()).map(({ rule }) => rule)).not.toContain('balance_equals_entries');
});

test('I4: a status that is changed by hand is found', async () => {
  const { withdrawalId, openId } = await someHistory();
  await caughtUp();
  await tamper("update payments set status = 'failed' where id = $1", [withdrawalId]);
  await tamper("update payments set status = 'success' where id = $1", [openId]);
  await checkUntilFound('status_agrees_with_ledger', new RegExp(`^payment:${withdrawalId}$`));
  await checkUntilFound('status_agrees_with_ledger', new RegExp(`^payment:${openId}$`));
  await checkUntilFound('ended_payment_has_no_work', new RegExp(`^payment:${openId}$`));
});

test('I2: what is held of a wallet that is changed by hand is found', async () => {
  const { walletId } = await someHistory();
  await caughtUp();
  await tamper('update accounts set held = held + 1 where id = $1', [walletId]);
  await checkUntilFound('held_equals_holds', new RegExp(`^account:${walletId}$`));
});

test('I10: a hold that is gone, or of another amount, is found, and forgotten when it is back', async () => {
  const { openId } = await someHistory();
  await caughtUp();
  await tamper('update holds set amount_minor = amount_minor - 1 where subject_id = $1', [openId]);
  await checkUntilFound('payment_holds_its_money', new RegExp(`^payment:${openId}$`));
  await tamper('update holds set amount_minor = amount_minor + 1 where subject_id = $1', [openId]);
  await waitUntil('no violation', async () => {
    await check();
    return (await standing()).length === 0;
  });
  await tamper('delete from holds where subject_id = $1', [openId]);
  await checkUntilFound('payment_holds_its_money', new RegExp(`^payment:${openId}$`));
});

test('I10: a hold of a payment that has ended, of a deposit or of nothing is found', async () => {
  const { withdrawalId, depositId, walletId } = await someHistory();
  await caughtUp();
  for (const subjectId of [withdrawalId, depositId, 123456n])
    await tamper(
      `insert into holds (user_id, purpose, subject_id, account_id, amount_minor, currency)
       select user_id, 'payment', $1, id, 5, currency from accounts where id = $2`,
      [subjectId, walletId],
    );
  // What is held of the wallet follows its holds: only the holds themselves are wrong.
  await tamper('update accounts set held = held + 15 where id = $1', [walletId]);
  for (const subjectId of [withdrawalId, depositId, 123456n])
    await checkUntilFound('hold_has_its_payment', new RegExp(`^hold:\\d+:payment:${subjectId}$`));
  expect((await standing()).map(({ rule }) => rule)).not.toContain('held_equals_holds');
});

test('I10: holds of new withdrawals are compared with their wallets before anything is posted', async () => {
  const { userId, walletId } = await someHistory();
  await caughtUp();
  await world.accept(userId);
  await tamper('update accounts set held = held + 1 where id = $1', [walletId]);
  await checkUntilFound('held_equals_holds', new RegExp(`^account:${walletId}$`));
});

test('I5: an open payment that lost its task is found', async () => {
  const { openId } = await someHistory();
  await caughtUp();
  await tamper('delete from payment_tasks where payment_id = $1', [openId]);
  await checkUntilFound('open_payment_has_work', new RegExp(`^payment:${openId}$`));
});

test('I5: an unknown payment that nobody asks about is found', async () => {
  const { openId } = await someHistory();
  await tamper('delete from payment_tasks where payment_id = $1', [openId]);
  await tamper("update payments set status = 'unknown' where id = $1", [openId]);
  await checkUntilFound('open_payment_has_work', new RegExp(`^payment:${openId}$`));
});

test('I5: a task without a payment and a key without its payment are found', async () => {
  const userId = await world.user();
  await tamper('insert into payment_tasks (payment_id, user_id) values (123456, $1)', [userId]);
  await tamper(
    "insert into idempotency_keys (scope, key, fingerprint, resource_kind, resource_id, response_status, response_body) values ($1, 'a:b', '', 'payment', 123456, 202, '{}')",
    [userId],
  );
  await checkUntilFound('ended_payment_has_no_work', /^task:123456$/);
  await checkUntilFound('key_has_its_resource', new RegExp(`^key:${userId}:a:b$`));
});

test('I5: a key whose wallet is another user’s is found', async () => {
  const [userId, other] = [await world.user(), await world.user()];
  const keep = (key: string, walletOf: bigint) =>
    tamper(
      `insert into idempotency_keys (scope, key, fingerprint, resource_kind, resource_id, response_status, response_body)
       select $1, $2, '', 'wallet', id, 201, '{}' from accounts where user_id = $3`,
      [userId, key, walletOf],
    );
  await keep('own', userId);
  await keep('of-another', other);
  await checkUntilFound('key_has_its_resource', new RegExp(`^key:${userId}:of-another$`));
  expect((await standing()).some(({ subject }) => subject === `key:${userId}:own`)).toBe(false);
});

test('every part reads on where it stopped, in steps of a few rows', async () => {
  const { withdrawalId, walletId } = await someHistory();
  for (let round = 0; round < 2; round += 1) await someHistory();
  const small = { stepRows: 5 };
  const isThrough = async () => {
    const { rows } = await database.pool.query('select positions from integrity_checkpoint');
    return ['accounts', 'entries', 'history', 'payments', 'keys', 'tasks', 'holds'].every(
      (part) => rows[0].positions[part]?.passedAt,
    );
  };
  await waitUntil('a review of everything', async () => {
    const run = await check({ ...small, runMs: 0 });
    expect(run.rowCount).toBeLessThan(100);
    return await isThrough();
  });
  expect(await standing()).toEqual([]);

  await tamper(
    'update ledger_entries set amount = amount + 1 where transaction_id = $1 and account_id = $2',
    [await transactionOf(withdrawalId, 'settle'), walletId],
  );
  await waitUntil('the changed entry', async () => {
    await check(small);
    return (await standing()).some(({ subject }) => subject === `account:${walletId}`);
  });
});

test('two checks at once leave each other alone', async () => {
  await someHistory();
  const runs = await Promise.all([check(), check(), check()]);
  expect(runs.some(({ kind }) => kind !== 'busy')).toBe(true);
  await caughtUp();
  expect(await standing()).toEqual([]);
});
