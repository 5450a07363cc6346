import type { Knex } from '../../src/database/database.ts';

export async function selectUnbalancedTransactions(
  transaction: Knex,
): Promise<{ transaction_id: bigint; currency: string; total: string }[]> {
  const { rows } = await transaction.raw(`
    select entry.transaction_id, account.currency, sum(entry.amount) as total
    from ledger_entries as entry
    join accounts as account on account.id = entry.account_id
    group by entry.transaction_id, account.currency
    having sum(entry.amount) <> 0
    limit 100`);
  return rows;
}

/** A system account's stored balance speaks of the transactions below its watermark only. */
export async function selectBalanceMismatches(
  transaction: Knex,
): Promise<{ id: bigint; posted: bigint; entries_posted: string }[]> {
  const { rows } = await transaction.raw(`
    select account.id, account.posted, coalesce(sums.posted, 0) as entries_posted
    from accounts as account
    left join (
      select entry.account_id, sum(entry.amount) as posted
      from ledger_entries as entry
      join accounts as owner on owner.id = entry.account_id
      where owner.user_id is not null or entry.written_by_xid < owner.folded_below
      group by entry.account_id
    ) as sums on sums.account_id = account.id
    where account.posted <> coalesce(sums.posted, 0)
    limit 100`);
  return rows;
}

/** Holds must be of an account that exists, in its currency and of its user; others count for no account. */
export async function selectHeldMismatches(
  transaction: Knex,
): Promise<{ id: bigint; held: bigint; holds: string }[]> {
  const { rows } = await transaction.raw(`
    select coalesce(account.id, sums.account_id) as id, coalesce(account.held, 0) as held, coalesce(sums.amount, 0) as holds
    from accounts as account
    full join (
      select account_id, user_id, currency, sum(amount_minor) as amount
      from holds
      group by account_id, user_id, currency
    ) as sums on sums.account_id = account.id and sums.user_id = account.user_id and sums.currency = account.currency
    where coalesce(account.held, 0) <> coalesce(sums.amount, 0)
    limit 100`);
  return rows;
}

export async function selectOverdrawnAccounts(
  transaction: Knex,
): Promise<{ id: bigint; posted: bigint; held: bigint; floor: bigint }[]> {
  const { rows } = await transaction.raw(`
    select id, posted, held, floor
    from accounts
    where floor is not null and (posted - held < floor or held < 0)
    limit 100`);
  return rows;
}
