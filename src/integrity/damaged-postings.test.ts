import { giveRates, openWallet, RATES_FROM_TESTS } from '../../test/builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { startTestApi, type TestApi } from '../../test/support/api-server.ts';
import { foldEverything } from '../../test/support/fold-everything.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import type { Transaction } from '../database/database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { lockCheckpoint } from './checkpoint.sql.ts';
import { reviewConversions } from './checks/check-conversions.ts';
import { checkNewEntries } from './checks/check-new-entries.ts';
import { reviewOrderHolds } from './checks/check-order-holds.ts';
import { reviewTransfers } from './checks/check-transfers.ts';
import { reviewHistory } from './review-history.ts';
import { runIntegrityCheck } from './run-integrity-check.ts';
import type { Part } from './step.ts';
import type { Rule } from './violation.ts';

/*
 * A conversion, a transfer, and captures for a merchant and for our sales, of which somebody damages a row. Each damage is found while its
 * entries are new, by the review of the past, and by a check of the whole ledger; it is no more found once it is put right.
 */

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
let made: Awaited<ReturnType<typeof makeAll>>;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, RATES_FROM_TESTS);
  await giveRates(database, { EUR: '0.9154' });
  made = await makeAll();
  // Otherwise a fold would count damaged entries, if other tests on the same server keep it back until then.
  await foldEverything(database.pool);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

async function makeAll() {
  const [userId, merchantId] = [await world.user(100_000n), await world.user(0n)];
  await openWallet(database, { userId, currency: 'EUR', amountMinor: 0n });
  await api.post('/api/v1/wallets', { user_id: Number(userId), currency: 'EUR', name: 'savings' });
  const id = Number(userId);
  const asked = { user_id: id, from: 'USD', to: 'EUR', amount: 100 };
  const { quote_id } = (await api.post('/api/v1/currency/convert/preview', asked)).json;
  const conversion = await api.post('/api/v1/currency/convert/execute', { quote_id });
  const transfer = await api.post(`/api/v1/wallets/${await walletOf(userId)}/transfer`, {
    to_wallet_id: Number(await walletOf(merchantId)),
    amount: 10,
  });
  await api.post(`/api/v1/accounts/${id}/hold`, { order_id: 'o', amount: 30 });
  const capture = (body: object) =>
    api.post(`/api/v1/accounts/${id}/capture`, { order_id: 'o', amount: 10, ...body });
  await capture({ to_user_id: Number(merchantId), final: false });
  expect((await capture({ to: 'sales' })).status).toBe(200);
  const { rows } = await database.pool.query('select id from order_holds where user_id = $1', [userId]);
  return {
    userId,
    merchantId,
    conversionId: conversion.json.conversion_id as number,
    transferId: transfer.json.transfer_id as number,
    holdId: rows[0].id as bigint,
  };
}

async function walletOf(userId: bigint): Promise<bigint> {
  const query = `select id from accounts where user_id = $1 and currency = 'USD'`;
  return (await database.pool.query(query, [userId])).rows[0].id;
}

/** Does statements as somebody does who has the rights of a superuser and switches the triggers off. `#name` is an id of what was made. */
async function tamper(statements: readonly string[]): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin; set local session_replication_role = replica');
    for (const statement of statements)
      await client.query(
        statement.replaceAll(/#(\w+)/g, (_, name) => String(made[name as keyof typeof made])),
      );
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** What one part of the check finds when it begins at the beginning. Nothing that it writes is kept. */
async function findWith(part: Part): Promise<{ rule: Rule; subject: string }[]> {
  const rolledBack = new Error('nothing is kept');
  const found: { rule: Rule; subject: string }[] = [];
  const work = async (transaction: Transaction) => {
    await transaction.query(
      `update integrity_checkpoint
       set positions = '{}',
           checked_below = case when $1 then 0 else (select max(written_by_xid) + 1 from ledger_entries) end`,
      [part === checkNewEntries],
    );
    for (let isDone = false; !isDone; ) {
      const checkpoint = await lockCheckpoint(transaction);
      const result = await part({ transaction, checkpoint, rowLimit: 10_000, graceMs: 0 });
      found.push(...result.violations);
      isDone = result.isDone;
    }
    throw rolledBack;
  };
  await inTransaction(database.pool, work).catch((error: unknown) => {
    if (error !== rolledBack) throw error;
  });
  return found;
}

const entriesOf = (reference: string, account: string) =>
  `transaction_id in (select id from ledger_transactions where reference = '${reference}')
   and account_id in (select id from accounts where ${account})`;
const add = (reference: string, account: string, amount: number) =>
  `update ledger_entries set amount = amount + ${amount} where ${entriesOf(reference, account)}`;
const move = (reference: string, from: string, to: string) =>
  `update ledger_entries set account_id = (select id from accounts where ${to}) where ${entriesOf(reference, from)}`;
const addLeg = (reference: string, beside: string, account: string, amount: number) =>
  `insert into ledger_entries (account_id, transaction_id, amount, written_by_xid)
   select (select id from accounts where ${account}), transaction_id, ${amount}, written_by_xid
   from ledger_entries where ${entriesOf(reference, beside)}`;
const removeLeg = (reference: string, account: string) =>
  `delete from ledger_entries where ${entriesOf(reference, account)}`;

const CONVERSION = 'conversion:#conversionId';
const TRANSFER = 'transfer:#transferId';
const HOLD = 'hold:#holdId';
const FX_USD = `kind = 'fx' and currency = 'USD'`;
const FX_EUR = `kind = 'fx' and currency = 'EUR'`;
const FEE = `kind = 'fee' and currency = 'USD'`;
const SALES = `kind = 'sales' and currency = 'USD'`;
const MINE_EUR = `user_id = #userId and currency = 'EUR' and name = ''`;
const SAVINGS_EUR = `user_id = #userId and currency = 'EUR' and name = 'savings'`;
const MERCHANT = 'user_id = #merchantId';
const QUOTE = 'update conversion_quotes set';
const OF_QUOTE = 'where id = #conversionId';

interface Damage {
  readonly damage: readonly string[];
  readonly repair: readonly string[];
  readonly rule: Rule;
  readonly review: Part;
}

const DAMAGES: Readonly<Record<string, Damage>> = {
  'a conversion of which the wallet got another amount than was quoted, from fx': {
    damage: [add(CONVERSION, MINE_EUR, 7), add(CONVERSION, FX_EUR, -7)],
    repair: [add(CONVERSION, MINE_EUR, -7), add(CONVERSION, FX_EUR, 7)],
    rule: 'conversion_is_as_quoted',
    review: reviewConversions,
  },
  'a conversion of which a part of the fee went to fx': {
    damage: [add(CONVERSION, FEE, -20), add(CONVERSION, FX_USD, 20)],
    repair: [add(CONVERSION, FEE, 20), add(CONVERSION, FX_USD, -20)],
    rule: 'conversion_is_as_quoted',
    review: reviewConversions,
  },
  'a conversion that another wallet of its user got than was quoted': {
    damage: [move(CONVERSION, MINE_EUR, SAVINGS_EUR)],
    repair: [move(CONVERSION, SAVINGS_EUR, MINE_EUR)],
    rule: 'conversion_is_as_quoted',
    review: reviewConversions,
  },
  'a quote of which a wallet was changed after it was used': {
    damage: [`${QUOTE} to_wallet_id = (select id from accounts where ${SAVINGS_EUR}) ${OF_QUOTE}`],
    repair: [`${QUOTE} to_wallet_id = (select id from accounts where ${MINE_EUR}) ${OF_QUOTE}`],
    rule: 'conversion_is_as_quoted',
    review: reviewConversions,
  },
  'a quote of which an amount was changed after it was used': {
    damage: [`${QUOTE} to_amount = to_amount + 1 ${OF_QUOTE}`],
    repair: [`${QUOTE} to_amount = to_amount - 1 ${OF_QUOTE}`],
    rule: 'conversion_is_as_quoted',
    review: reviewConversions,
  },
  'a quote that was used after it had expired': {
    damage: [
      'alter table conversion_quotes drop constraint conversion_quotes_used_in_time',
      `${QUOTE} used_at = used_at + interval '1 hour' ${OF_QUOTE}`,
    ],
    repair: [`${QUOTE} used_at = used_at - interval '1 hour' ${OF_QUOTE}`],
    rule: 'conversion_is_as_quoted',
    review: reviewConversions,
  },
  'a conversion whose quote is said not to have been used': {
    damage: [`${QUOTE} refused_at = used_at, used_at = null ${OF_QUOTE}`],
    repair: [`${QUOTE} used_at = refused_at, refused_at = null ${OF_QUOTE}`],
    rule: 'conversion_is_as_quoted',
    review: reviewHistory,
  },
  'a conversion that went past fx': {
    damage: [move(CONVERSION, FX_USD, SALES)],
    repair: [move(CONVERSION, SALES, FX_USD)],
    rule: 'conversion_has_its_legs',
    review: reviewHistory,
  },
  'a transfer of which a part went to our fees': {
    damage: [add(TRANSFER, MERCHANT, -3), addLeg(TRANSFER, MERCHANT, FEE, 3)],
    repair: [removeLeg(TRANSFER, FEE), add(TRANSFER, MERCHANT, 3)],
    rule: 'transfer_is_posted',
    review: reviewTransfers,
  },
  'a transfer that says another amount than was posted': {
    damage: ['update wallet_transfers set amount = amount + 1 where id = #transferId'],
    repair: ['update wallet_transfers set amount = amount - 1 where id = #transferId'],
    rule: 'transfer_is_posted',
    review: reviewTransfers,
  },
  'a transfer in another currency than its wallets': {
    damage: [`update wallet_transfers set currency = 'EUR' where id = #transferId`],
    repair: [`update wallet_transfers set currency = 'USD' where id = #transferId`],
    rule: 'transfer_is_posted',
    review: reviewTransfers,
  },
  'a transfer that was posted and is gone': {
    damage: [
      'create table kept_aside as select * from wallet_transfers where id = #transferId',
      'delete from wallet_transfers where id = #transferId',
    ],
    repair: ['insert into wallet_transfers select * from kept_aside', 'drop table kept_aside'],
    rule: 'transfer_is_posted',
    review: reviewHistory,
  },
  'a capture that went to our fees instead of our sales': {
    damage: [move(HOLD, SALES, FEE)],
    repair: [move(HOLD, FEE, SALES)],
    rule: 'capture_reaches_its_target',
    review: reviewHistory,
  },
  'a capture that the merchant did not get whole': {
    damage: [add(HOLD, MERCHANT, -1), addLeg(HOLD, MERCHANT, FEE, 1)],
    repair: [removeLeg(HOLD, FEE), add(HOLD, MERCHANT, 1)],
    rule: 'capture_reaches_its_target',
    review: reviewHistory,
  },
  'captures of a hold that is gone': {
    damage: [
      'create table kept_aside as select * from order_holds where id = #holdId',
      'delete from order_holds where id = #holdId',
    ],
    repair: ['insert into order_holds select * from kept_aside', 'drop table kept_aside'],
    rule: 'capture_reaches_its_target',
    review: reviewHistory,
  },
  'a hold that says that less was captured than was posted': {
    damage: [
      'update order_holds set captured_minor = captured_minor - 1, released_minor = released_minor + 1 where id = #holdId',
    ],
    repair: [
      'update order_holds set captured_minor = captured_minor + 1, released_minor = released_minor - 1 where id = #holdId',
    ],
    rule: 'order_hold_adds_up',
    review: reviewOrderHolds,
  },
};
/** The check of the whole ledger reads entries and what they are of; this one it leaves to the test beside it. */
const NOT_IN_THE_WHOLE = ['a hold that says that less was captured than was posted'];

test('what nobody has touched is sound, whichever part of the check reads it', async () => {
  for (const part of [checkNewEntries, reviewHistory, reviewConversions, reviewTransfers, reviewOrderHolds])
    expect(await findWith(part)).toEqual([]);
  expect(await world.violations()).toEqual([]);
});

test.each(Object.entries(DAMAGES))(
  '%s is found while its entries are new, by the review, and by a check of the whole ledger',
  async (what, { damage, repair, rule, review }) => {
    await tamper(damage);
    // Transactions of other tests on the same server keep entries from being read for a moment.
    for (const part of [checkNewEntries, review])
      await waitUntil('a violation', async () => (await findWith(part)).some((found) => found.rule === rule));
    const inWhole = (await world.violations()).map((found) => found.rule);
    // Which has one rule for the amounts and for the accounts.
    const wholeRule = rule === 'conversion_has_its_legs' ? 'conversion_is_as_quoted' : rule;
    if (!NOT_IN_THE_WHOLE.includes(what)) expect(inWhole).toContain(wholeRule);
    await tamper(repair);
    for (const part of [checkNewEntries, review]) expect(await findWith(part)).toEqual([]);
  },
);

test('a run of the check records a damage once, names its invariant, and ends it when it is put right', async () => {
  const { damage, repair } = DAMAGES['a quote of which an amount was changed after it was used'] as Damage;
  const check = () =>
    runIntegrityCheck(database.pool, { runMs: 10_000, stepRows: 1000, reviewRows: 100_000, graceMs: 0 });
  const standing = async () =>
    (await database.pool.query('select rule, subject from integrity_violations where resolved_at is null'))
      .rows;
  await tamper(damage);
  await waitUntil('a violation', async () => (await check()) && (await standing()).length > 0);
  await check();
  expect(await standing()).toEqual([
    { rule: 'conversion_is_as_quoted', subject: `conversion:${made.conversionId}` },
  ]);
  expect((await api.get('/api/v1/integrity')).json.invariants).toContainEqual(
    expect.objectContaining({ invariant: 'I12', violations: 1 }),
  );
  await tamper(repair);
  await waitUntil('no violation', async () => (await check()) && (await standing()).length === 0);
});
