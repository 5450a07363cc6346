import type { Transaction } from '../../src/database/database.ts';
import { FILL_AMOUNT_MINOR, FILL_FEE_MINOR } from './fill-payments.sql.ts';
import { withoutIndexes } from './without-indexes.sql.ts';

/** What a system has gathered after a while. */
export interface History {
  /** Settled deposits, each with its attempt, key, stored answer, ledger header and entries. */
  readonly finishedCount: number;
  /** Payments whose next attempt is due in a day or later. */
  readonly scheduledCount: number;
  /** Refused payments with an open dead letter. */
  readonly deadLetterCount: number;
}

const FILLED_TABLES = [
  'payments',
  'payment_attempts',
  'payment_tasks',
  'payment_dlq',
  'idempotency_keys',
  'ledger_transactions',
  'ledger_entries',
];

/** Writes a history into a database of the bench that has no payments yet, over users with the ids from 1. */
export async function fillHistory(
  transaction: Transaction,
  history: History & { readonly userCount: number },
): Promise<void> {
  await withoutIndexes(transaction, FILLED_TABLES, () => insertHistory(transaction, history));
}

async function insertHistory(
  transaction: Transaction,
  { userCount, finishedCount, scheduledCount, deadLetterCount }: History & { readonly userCount: number },
): Promise<void> {
  const insertPayments = async (count: number, status: 'success' | 'new' | 'failed') => {
    await transaction.query(
      `insert into payments (user_id, wallet_id, type, amount, fee, currency, status, reference, gateway_reference,
                             attempts, created_at, updated_at)
       select wallet.user_id, wallet.id, 'deposit', $3, $4, wallet.currency, $5,
              'history-' || gen_random_uuid(), case when $5 = 'success' then 'gw-' || n end, 1, at, at
       from generate_series(1, $1::int) as n
       cross join lateral (select now() - interval '30 days' * (1 - n::float8 / $1::int) as at) as clock
       join accounts as wallet on wallet.user_id = 1 + (n::bigint * 7919) % $2::int`,
      [count, userCount, FILL_AMOUNT_MINOR, FILL_FEE_MINOR, status],
    );
  };
  await insertPayments(finishedCount, 'success');
  await insertPayments(scheduledCount, 'new');
  await insertPayments(deadLetterCount, 'failed');
  await insertAttemptsAndKeys(transaction);
  await insertLedger(transaction);
  await transaction.query(`
    insert into payment_tasks (payment_id, user_id, attempts, run_at, run_lease, last_error)
    select id, user_id, 1, now() + interval '1 day' * (1 + random()), 1, 'HTTP 503'
    from payments
    where status = 'new'
    order by id`);
  await transaction.query(`
    insert into payment_dlq (payment_id, user_id, reason, error, attempts)
    select id, user_id, 'refused', 'HTTP 402: declined by the issuer', 1
    from payments
    where status = 'failed'
    order by id`);
}

async function insertAttemptsAndKeys(transaction: Transaction): Promise<void> {
  await transaction.query(`
    insert into payment_attempts (payment_id, run_lease, user_id, attempt, worker, started_at, finished_at, outcome,
                                  http_status, latency_ms)
    select id, 1, user_id, 1, 'history', created_at, created_at,
           case status when 'success' then 'succeeded' when 'failed' then 'refused' else 'not_executed' end, 200, 20
    from payments
    order by id`);
  await transaction.query(`
    insert into idempotency_keys (scope, key, fingerprint, resource_kind, resource_id, response_status, response_body,
                                  created_at)
    select user_id, gen_random_uuid()::text, sha256(reference::bytea), 'payment', id, 202,
           '{"payment_id":' || id || ',"user_id":' || user_id || ',"status":"processing","deposit":5}', created_at
    from payments
    where status = 'success'`);
}

async function insertLedger(transaction: Transaction): Promise<void> {
  await transaction.query(`
    insert into ledger_transactions (user_id, reference, step, created_at)
    select user_id, 'payment:' || id, 'settle', created_at from payments where status = 'success' order by id`);
  // Without statistics the planner would take the million headers for a few, and look through all wallets for each.
  await transaction.query('analyze ledger_transactions, accounts');
  // Every finished payment is alike, so its entries need nothing of it but its header.
  await transaction.query(
    `insert into ledger_entries (account_id, transaction_id, amount, user_id, written_by_xid)
     select leg.account_id, header.id, leg.amount, header.user_id, written_by.xid
     from ledger_transactions as header
     join accounts as wallet on wallet.user_id = header.user_id
     cross join (select pg_current_xact_id()::text::bigint as xid) as written_by
     cross join (select max(id) filter (where kind = 'gateway') as gateway, max(id) filter (where kind = 'fee') as fee
                 from accounts where user_id is null) as system
     cross join lateral (values
       (system.gateway, -$1::bigint), (wallet.id, $1::bigint - $2::bigint), (system.fee, $2::bigint)
     ) as leg (account_id, amount)
     where header.step = 'settle'`,
    [FILL_AMOUNT_MINOR, FILL_FEE_MINOR],
  );
  await transaction.query(`
    update accounts as wallet
    set posted = wallet.posted + earned.amount
    from (
      select wallet_id, sum(amount - fee) as amount from payments where status = 'success' group by wallet_id
    ) as earned
    where wallet.id = earned.wallet_id`);
}
