import type pg from 'pg';
import type { PaymentJob } from '../data/fill-payments.sql.ts';

/** The accounts on the other side of a wallet, as text ids. */
export interface PeerAccounts {
  readonly gateway: string;
  readonly fee: string;
}

export async function selectPeerAccounts(pool: pg.Pool): Promise<PeerAccounts> {
  const { rows } = await pool.query<{ kind: 'gateway' | 'fee'; id: string }>(
    `select kind, id::text from accounts where user_id is null and currency = 'USD' and kind in ('gateway', 'fee')`,
  );
  const idOf = (kind: 'gateway' | 'fee') => rows.find((row) => row.kind === kind)?.id as string;
  return { gateway: idOf('gateway'), fee: idOf('fee') };
}

/** The row that says "a call may have happened", committed before the call. */
export async function openAttempt(pool: pg.Pool, job: PaymentJob): Promise<void> {
  await pool.query({
    name: 'peer-open-attempt',
    text: `
      insert into payment_attempts (payment_id, run_lease, user_id, attempt, worker)
      values ($1, 1, $2, 1, 'peer')`,
    values: [job.payment_id, job.user_id],
  });
}

/**
 * Settles one payment as a job queue would have its task do it: status, ledger header, entries, wallet and attempt, once per
 * job. It is one prepared statement, and so one transaction and one round trip: we know of no faster way to settle each job by
 * itself.
 * @throws when the payment was settled before.
 */
export async function settleOnePayment(
  pool: pg.Pool,
  job: PaymentJob,
  accounts: PeerAccounts,
): Promise<void> {
  const isDeposit = job.type === 'deposit';
  const total = isDeposit ? job.amount - job.fee : job.amount + job.fee;
  const { rowCount } = await pool.query({
    name: isDeposit ? 'peer-settle-deposit' : 'peer-settle-withdrawal',
    text: isDeposit ? SETTLE_DEPOSIT : SETTLE_WITHDRAWAL,
    values: [
      job.payment_id,
      job.user_id,
      job.wallet_id,
      accounts.gateway,
      accounts.fee,
      job.amount,
      job.fee,
      total,
    ],
  });
  if (rowCount !== 1) throw new Error(`payment ${job.payment_id} was not settled`);
}

const settlement = ({
  legs,
  wallet,
  release = '',
}: {
  readonly legs: string;
  readonly wallet: string;
  readonly release?: string;
}) => `
  with paid as (
    update payments
    set status = 'success', gateway_reference = 'bench', attempts = 1, updated_at = now()
    where id = $1::bigint and status = 'new'
    returning id
  ),
  header as (
    insert into ledger_transactions (reference, step, user_id)
    select 'payment:' || id, 'settle', $2::bigint from paid
    returning id
  ),
  entered as (
    insert into ledger_entries (account_id, transaction_id, amount, user_id)
    select leg.account_id, header.id, leg.amount, $2::bigint
    from header
    cross join (values ${legs}) as leg (account_id, amount)
  ),${release}
  closed as (
    update payment_attempts
    set finished_at = now(), outcome = 'succeeded', http_status = 200, latency_ms = 0
    where payment_id = $1::bigint and run_lease = 1
  )
  update accounts
  set ${wallet}
  from paid
  where accounts.id = $3::bigint`;

const SETTLE_DEPOSIT = settlement({
  legs: `($4::bigint, -$6::bigint), ($3::bigint, $8::bigint), ($5::bigint, $7::bigint)`,
  wallet: 'posted = posted + $8::bigint',
});
const SETTLE_WITHDRAWAL = settlement({
  legs: `($3::bigint, -$8::bigint), ($4::bigint, $6::bigint), ($5::bigint, $7::bigint)`,
  wallet: 'posted = posted - $8::bigint, held = held - $8::bigint',
  release: `
  released as (
    delete from holds where user_id = $2::bigint and purpose = 'payment' and subject_id = $1::bigint
  ),`,
});
