import type { Pool } from '../../src/database/database.ts';

/** Sums that are the model's own: nothing of what checks the ledger in the service is used. Each row is a sentence about a fault. */
const FAULTS: readonly string[] = [
  // I1, in each ledger transaction.
  `select format('I1: ledger transaction %s sums to %s %s', entry.transaction_id, sum(entry.amount), account.currency) as fault
   from ledger_entries as entry
   join accounts as account on account.id = entry.account_id
   group by entry.transaction_id, account.currency
   having sum(entry.amount) <> 0`,
  // I1 and I2: nothing was made of nothing in any currency.
  `select format('I2: all accounts in %s together hold %s', currency, sum(posted)) as fault
   from accounts
   group by currency
   having sum(posted) <> 0`,
  `select format('I2: wallet %s stores %s posted and %s held, and its rows say %s and %s', account.id, posted, held, entries.sum, reserved.sum) as fault
   from accounts as account
   cross join lateral (select coalesce(sum(amount), 0) as sum from ledger_entries where account_id = account.id) as entries
   cross join lateral (select coalesce(sum(amount_minor), 0) as sum from holds where account_id = account.id) as reserved
   where account.user_id is not null and (posted <> entries.sum or held <> reserved.sum)`,
  `select format('I3: account %s has %s posted, %s held and a floor of %s', id, posted, held, floor) as fault
   from accounts
   where floor is not null and posted - held < floor`,
  `select format('I4: %s has the step %s %s times', reference, step, count(*)) as fault
   from ledger_transactions
   group by reference, step
   having count(*) > 1`,
  `select format('I4: payment %s is %s, and was settled %s times', payment.id, payment.status, settled.count) as fault
   from payments as payment
   cross join lateral (
     select count(*) from ledger_transactions where reference = 'payment:' || payment.id and step = 'settle'
   ) as settled
   where settled.count <> (payment.status = 'success')::int`,
  `select format('I10: hold %s is %s: %s captured and %s released of %s, %s posted, %s reserved', hold.id, hold.status,
                 hold.captured_minor, hold.released_minor, hold.amount_minor, posted.sum, reserved.sum) as fault
   from order_holds as hold
   cross join lateral (
     select coalesce(-sum(entry.amount), 0) as sum
     from ledger_transactions as header
     join ledger_entries as entry on entry.transaction_id = header.id and entry.account_id = hold.wallet_id
     where header.reference = 'hold:' || hold.id
   ) as posted
   cross join lateral (
     select coalesce(sum(amount_minor), 0) as sum from holds where purpose = 'order' and subject_id = hold.id
   ) as reserved
   where posted.sum <> hold.captured_minor
      or reserved.sum <> case hold.status when 'open' then hold.amount_minor - hold.captured_minor else 0 end
      or hold.captured_minor + hold.released_minor <> case hold.status when 'open' then hold.captured_minor else hold.amount_minor end`,
  `select format('I12: quote %s (%s %s to %s %s) was used at %s, and its wallets say %s', quote.id, quote.from_amount,
                 quote.from_currency, quote.to_amount, quote.to_currency, quote.used_at, wallets.said) as fault
   from conversion_quotes as quote
   cross join lateral (
     select coalesce(string_agg(format('%s %s', entry.amount, account.currency), ', ' order by entry.amount), '') as said
     from ledger_transactions as header
     join ledger_entries as entry on entry.transaction_id = header.id
     join accounts as account on account.id = entry.account_id and account.user_id = quote.user_id
     where header.reference = 'conversion:' || quote.id
   ) as wallets
   where wallets.said <> case when quote.used_at is null then ''
                              else format('%s %s, %s %s', -quote.from_amount, quote.from_currency, quote.to_amount, quote.to_currency) end
      or quote.used_at >= quote.expires_at`,
  `select format('transfer %s of %s %s with a fee of %s for its %s moved %s', transfer.id, transfer.amount, transfer.currency, transfer.fee,
                 transfer.fee_payer, moved.said) as fault
   from wallet_transfers as transfer
   cross join lateral (
     select coalesce(string_agg(format('%s on %s', entry.amount, entry.account_id), ', ' order by entry.amount), '') as said
     from ledger_transactions as header
     join ledger_entries as entry on entry.transaction_id = header.id
     join accounts as account on account.id = entry.account_id and account.user_id is not null
     where header.reference = 'transfer:' || transfer.id
   ) as moved
   where moved.said <> format('%s on %s, %s on %s', -transfer.amount - case transfer.fee_payer when 'sender' then transfer.fee else 0 end,
                              transfer.from_wallet_id,
                              transfer.amount - case transfer.fee_payer when 'recipient' then transfer.fee else 0 end, transfer.to_wallet_id)`,
];

export async function selectFaults(pool: Pool): Promise<string[]> {
  const found: string[] = [];
  for (const query of FAULTS) {
    const { rows } = await pool.query(query);
    found.push(...rows.map(({ fault }) => fault));
  }
  return found;
}

/** What the ledger says the gateway owes us, in each currency. */
export async function selectClearing(
  pool: Pool,
): Promise<{ readonly currency: string; readonly owedMinor: bigint }[]> {
  const { rows } = await pool.query(`
    select account.currency, (-coalesce(sum(entry.amount), 0))::bigint as "owedMinor"
    from accounts as account
    left join ledger_entries as entry on entry.account_id = account.id
    where account.kind = 'gateway'
    group by account.currency`);
  return rows;
}

/** Committed attempts under a reference that have not ended. */
export async function countOpenAttempts(pool: Pool, reference: string): Promise<number> {
  const { rows } = await pool.query(
    `select count(*)::int as count
     from payment_attempts as attempt
     join payments as payment on payment.id = attempt.payment_id
     where payment.reference = $1 and attempt.finished_at is null`,
    [reference],
  );
  return rows[0].count;
}

/** How much of each kind there is of these users. */
export async function countMade(
  pool: Pool,
  userIds: readonly number[],
): Promise<Readonly<Record<'payments' | 'transfers' | 'holds' | 'conversions' | 'wallets', number>>> {
  const { rows } = await pool.query(
    `select (select count(*)::int from payments where user_id = any ($1)) as payments,
            (select count(*)::int from wallet_transfers where user_id = any ($1)) as transfers,
            (select count(*)::int from order_holds where user_id = any ($1)) as holds,
            (select count(*)::int from conversion_quotes where user_id = any ($1) and used_at is not null) as conversions,
            (select count(*)::int from accounts where user_id = any ($1)) as wallets`,
    [userIds],
  );
  return rows[0];
}

export async function letHoldsRunOut(pool: Pool, userId: number): Promise<void> {
  await pool.query(
    `update order_holds set expires_at = now() - interval '1 second' where user_id = $1 and status = 'open'`,
    [userId],
  );
}

export async function letQuotesRunOut(pool: Pool, userId: number): Promise<void> {
  await pool.query(
    `update conversion_quotes
     set created_at = created_at - interval '2 hours', expires_at = now() - interval '1 second'
     where user_id = $1 and used_at is null and expires_at > now()`,
    [userId],
  );
}
