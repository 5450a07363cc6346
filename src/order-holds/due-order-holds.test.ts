import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { findDueOrderHolds, lockDueOrderHolds } from './due-order-holds.sql.ts';
import { expireOrderHolds } from './expire-order-holds.ts';

let database: TestDatabase;
let world: PaymentWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterAll(() => database.close());

/** Money that was held for an order, until a minute ago. */
async function holdThatIsOver(amountMinor: bigint): Promise<void> {
  const userId = await world.user();
  await database.pool.query(
    `with wallet as (
       update accounts set held = held + $2 where user_id = $1 returning id, user_id
     ), hold as (
       insert into order_holds (user_id, wallet_id, amount_minor, created_at, expires_at, order_id, currency)
       select user_id, id, $2, now() - interval '1 hour', now() - interval '1 minute', 'order', 'USD' from wallet
       returning id, user_id, wallet_id, expires_at
     )
     insert into holds (user_id, subject_id, account_id, amount_minor, expires_at, purpose, currency)
     select user_id, id, wallet_id, $2, expires_at, 'order', 'USD' from hold`,
    [userId, amountMinor],
  );
}

test('a hold that has ended since it was found is not locked to be let go again', async () => {
  await holdThatIsOver(500n);
  const due = await findDueOrderHolds(database.pool, { after: null, limit: 10 });
  expect(due).toHaveLength(1);
  expect(await expireOrderHolds(database.pool)).toBe(1);

  const lock = () =>
    inTransaction(database.pool, (transaction) => lockDueOrderHolds(transaction, due), {
      isWritten: async () => false,
    });
  expect(await lock()).toEqual([]);
  expect(await findDueOrderHolds(database.pool, { after: null, limit: 10 })).toEqual([]);
  expect(await world.violations()).toEqual([]);
});
