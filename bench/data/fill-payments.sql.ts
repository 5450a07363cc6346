import type { Transaction } from '../../src/database/database.ts';

/** What every payment of a fill moves, in minor units. */
export const FILL_AMOUNT_MINOR = 500;
export const FILL_FEE_MINOR = 10;

/**
 * Writes `count` accepted payments, deposits and withdrawals in turn over `userCount` users, with the holds of the
 * withdrawals, as the API would have left them; their tasks are the caller's.
 * @returns the id below which there were payments before.
 */
export async function fillAcceptedPayments(
  transaction: Transaction,
  { count, userCount }: { readonly count: number; readonly userCount: number },
): Promise<bigint> {
  const { rows } = await transaction.query('select coalesce(max(id), 0)::bigint as id from payments');
  const lastId: string = rows[0].id;
  await transaction.query(
    `insert into payments (user_id, wallet_id, type, amount, fee, currency, status, reference)
     select wallet.user_id, wallet.id, case when n % 2 = 0 then 'deposit' else 'withdraw' end, $3, $4,
            wallet.currency, 'new', 'bench-' || gen_random_uuid()
     from generate_series(1, $1::int) as n
     -- A prime step spreads neighbours over the users, and gives each user both types.
     join accounts as wallet on wallet.user_id = 1 + (n::bigint * 7919 / 2) % $2::int
     order by n`,
    [count, userCount, FILL_AMOUNT_MINOR, FILL_FEE_MINOR],
  );
  await transaction.query(
    `insert into holds (user_id, purpose, subject_id, account_id, amount_minor, currency)
     select user_id, 'payment', id, wallet_id, amount + fee, currency
     from payments
     where id > $1 and type = 'withdraw'
     order by id`,
    [lastId],
  );
  await transaction.query(
    `update accounts as wallet
     set held = wallet.held + held.amount
     from (
       select wallet_id, sum(amount + fee) as amount
       from payments
       where id > $1 and type = 'withdraw'
       group by wallet_id
     ) as held
     where wallet.id = held.wallet_id`,
    [lastId],
  );
  return BigInt(lastId);
}

/** Puts the payments after `lastId` into our queue. */
export async function fillTasks(transaction: Transaction, lastId: bigint): Promise<void> {
  await transaction.query(
    `insert into payment_tasks (payment_id, user_id)
     select id, user_id from payments where id > $1 order by id`,
    [lastId],
  );
}

/** A payment as a job of another queue carries it. */
export interface PaymentJob {
  readonly payment_id: string;
  readonly user_id: string;
  readonly wallet_id: string;
  readonly type: 'deposit' | 'withdraw';
  readonly amount: number;
  readonly fee: number;
}

/** The payments after `lastId` as jobs of another queue. Ids are text, because JSON numbers are floats. */
export async function selectJobs(transaction: Transaction, lastId: bigint): Promise<PaymentJob[]> {
  const { rows } = await transaction.query(
    `select id::text as payment_id, user_id::text, wallet_id::text, type, amount::int, fee::int
     from payments where id > $1 order by id`,
    [lastId],
  );
  return rows;
}
