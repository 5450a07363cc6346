import type { Knex } from '../shared/database.ts';

export async function selectUnbalancedTransactions(
  transaction: Knex,
): Promise<{ transaction_id: bigint; layer: string; currency: string; total: string }[]> {
  const { rows } = await transaction.raw(`
    select entry.transaction_id, entry.layer, account.currency, sum(entry.amount) as total
    from ledger_entries as entry
    join accounts as account on account.id = entry.account_id
    group by entry.transaction_id, entry.layer, account.currency
    having sum(entry.amount) <> 0
    limit 100`);
  return rows;
}

/** A system account's stored balance speaks of the transactions below its watermark only. */
export async function selectBalanceMismatches(
  transaction: Knex,
): Promise<
  { id: bigint; posted: bigint; pending_out: bigint; entries_posted: string; entries_pending_out: string }[]
> {
  const { rows } = await transaction.raw(`
    select account.id, account.posted, account.pending_out,
           coalesce(sums.posted, 0) as entries_posted,
           coalesce(sums.pending_out, 0) as entries_pending_out
    from accounts as account
    left join (
      select entry.account_id,
             sum(entry.amount) filter (where entry.layer = 'posted') as posted,
             -sum(entry.amount) filter (where entry.layer = 'pending') as pending_out
      from ledger_entries as entry
      join accounts as owner on owner.id = entry.account_id
      where owner.user_id is not null or entry.written_by_xid < owner.folded_below
      group by entry.account_id
    ) as sums on sums.account_id = account.id
    where account.posted <> coalesce(sums.posted, 0)
       or account.pending_out <> coalesce(sums.pending_out, 0)
    limit 100`);
  return rows;
}

export async function selectOverdrawnAccounts(
  transaction: Knex,
): Promise<{ id: bigint; posted: bigint; pending_out: bigint; floor: bigint }[]> {
  const { rows } = await transaction.raw(`
    select id, posted, pending_out, floor
    from accounts
    where floor is not null and (posted - pending_out < floor or pending_out < 0)
    limit 100`);
  return rows;
}
