import { inTransaction } from '../../src/database/transactions/transaction.ts';
import { unpackData } from '../../src/events/packed-data.ts';
import { runIntegrityCheck } from '../../src/integrity/run-integrity-check.ts';
import { postToLedger } from '../../src/ledger/post-to-ledger.ts';
import { findSystemAccounts } from '../../src/ledger/system-accounts.ts';
import { expireOrderHolds } from '../../src/order-holds/expire-order-holds.ts';
import { closeDifference } from '../../src/reconciliation/close-difference.ts';
import { recordDifferences } from '../../src/reconciliation/record-differences.sql.ts';
import { giveRates, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: TestApi;
beforeEach(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl, RATES_FROM_TESTS);
});
afterEach(async () => {
  await api.stop();
  await database.close();
});

/** What was written, without the opening of wallets. */
async function written(): Promise<{ type: string; subject: string; data: Record<string, unknown> }[]> {
  const { rows } = await database.pool.query(
    `select type, subject, data from events where type <> 'tollgate.wallet.created.v1' order by id`,
  );
  return rows.map((row) => ({ ...row, data: JSON.parse(unpackData(row.type, row.data)) }));
}

test('a hold whose time is over is told', async () => {
  const user = await api.user();
  await api.post(`/api/v1/accounts/${user}/hold`, { order_id: 'o', amount: 30, expires_in_seconds: 1 });
  await database.pool.query(
    `alter table order_holds disable trigger all; update order_holds set expires_at = created_at; alter table order_holds enable trigger all`,
  );
  expect(await expireOrderHolds(database.pool)).toBe(1);
  const [placed, expired] = await written();
  expect([placed?.type, expired?.type]).toEqual(['tollgate.hold.placed.v1', 'tollgate.hold.expired.v1']);
  expect(expired).toMatchObject({
    subject: placed?.subject,
    data: { order_id: 'o', status: 'expired', released: '30', remaining: '0' },
  });
});

test('a conversion is told with both of its amounts', async () => {
  await giveRates(database, { EUR: '0.92' });
  const user = await api.user();
  await api.post(`/api/v1/users/${user}/wallets`, { currency: 'EUR' });
  const preview = await api.post('/api/v1/currency/convert/preview', {
    user_id: user,
    from: 'USD',
    to: 'EUR',
    amount: 100,
  });
  const { status } = await api.post('/api/v1/currency/convert/execute', { quote_id: preview.json.quote_id });
  expect(status).toBeLessThan(300);
  const events = await written();
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    type: 'tollgate.conversion.completed.v1',
    data: {
      user_id: user,
      from_amount: '100',
      from_amount_minor: '10000',
      from_currency: 'USD',
      to_currency: 'EUR',
    },
  });
});

test('a difference is told when it is found and when it is closed, once each', async () => {
  const found = {
    paymentId: 7n,
    reference: '7-a',
    kind: 'amount_mismatch' as const,
    source: 'report' as const,
    ours: { amount: '1' },
    theirs: { amount: '2' },
    dedupeKey: 'k',
  };
  for (let times = 0; times < 2; times += 1)
    await inTransaction(database.pool, (transaction) => recordDifferences(transaction, [found]));
  const { rows } = await database.pool.query('select id from reconciliation_differences');
  const closing = { id: rows[0].id, by: 'ana', reason: 'secret reason' };
  expect(await closeDifference(database.pool, closing)).toBeDefined();
  expect(await closeDifference(database.pool, closing)).toBeUndefined();
  const data = { exception_id: Number(rows[0].id), payment_id: 7, kind: 'amount_mismatch', source: 'report' };
  expect(await written()).toEqual([
    { type: 'tollgate.reconciliation_difference.found.v1', subject: `difference:${rows[0].id}`, data },
    { type: 'tollgate.reconciliation_difference.ended.v1', subject: `difference:${rows[0].id}`, data },
  ]);
});

describe('a violation', () => {
  const check = () =>
    runIntegrityCheck(database.pool, { runMs: 30_000, stepRows: 1000, reviewRows: 10_000, graceMs: 0 });
  const violationsOf = async () =>
    (await written()).filter(({ type }) => type.startsWith('tollgate.integrity_violation.'));

  test('is told when it is found and when it has ended', async () => {
    const user = await api.user();
    await database.pool.query('update accounts set held = held + 5 where user_id = $1', [user]);
    await check();
    await check();
    const found = await violationsOf();
    expect(found).toMatchObject([
      { type: 'tollgate.integrity_violation.found.v1', data: { rule: 'held_equals_holds' } },
    ]);
    await database.pool.query('update accounts set held = held - 5 where user_id = $1', [user]);
    await check();
    expect((await violationsOf())[1]).toEqual({
      ...found[0],
      type: 'tollgate.integrity_violation.ended.v1',
    });
  });

  test('of many at once is told once, and ends once', async () => {
    for (let count = 0; count < 12; count += 1) await api.user();
    // A check that is slow finds some of them one by one.
    const ofMany = async () => (await violationsOf()).filter(({ data }) => data.subject === 'many');
    await database.pool.query('update accounts set held = held + 5 where user_id is not null');
    await check();
    await check();
    expect(await ofMany()).toMatchObject([
      { type: 'tollgate.integrity_violation.found.v1', data: { rule: 'held_equals_holds' } },
    ]);
    await database.pool.query('update accounts set held = held - 5 where user_id is not null');
    await check();
    expect((await ofMany()).map(({ type }) => type)).toEqual([
      'tollgate.integrity_violation.found.v1',
      'tollgate.integrity_violation.ended.v1',
    ]);
  });
});

test('money that comes into a closed wallet freezes it, which is told', async () => {
  const user = await api.user(0);
  const [wallet] = (await api.get(`/api/v1/users/${user}/wallets`)).json.items;
  await api.post(`/api/v1/wallets/${wallet.id}/close`, { by: 'ana', reason: 'x' });
  const { equity } = await findSystemAccounts(database.pool, 'USD');
  const late = {
    reference: 'payment:1',
    step: 'settle',
    userId: BigInt(user),
    legs: [
      { accountId: equity, balance: 'folded' as const, amountMinor: -100n, currency: 'USD' },
      { accountId: BigInt(wallet.id), balance: 'kept' as const, amountMinor: 100n, currency: 'USD' },
    ],
  };
  await inTransaction(database.pool, (transaction) => postToLedger(transaction, [late]));
  const data = { wallet_id: wallet.id, user_id: user, state: 'frozen', state_before: 'closed' };
  expect((await written())[1]).toEqual({
    type: 'tollgate.wallet.frozen.v1',
    subject: `wallet:${wallet.id}`,
    data,
  });
});
