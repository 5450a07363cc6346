import type { Transaction } from '../shared/database.ts';

/** Makes folds take turns; a statement that comes after it sees the watermark that the fold before it left. */
export async function lockSystemAccounts(transaction: Transaction): Promise<number> {
  const { rowCount } = await transaction.query(`
    select id
    from accounts
    where user_id is null
    order by id
    for no key update`);
  return rowCount ?? 0;
}

export async function foldEntries(transaction: Transaction): Promise<void> {
  await transaction.query(`
    with horizon as materialized (
      select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xid
    ),
    system_accounts as materialized (
      select id, folded_below from accounts where user_id is null
    ),
    sums as (
      select entry.account_id,
             coalesce(sum(entry.amount) filter (where entry.layer = 'posted'), 0) as posted,
             coalesce(sum(entry.amount) filter (where entry.layer = 'pending'), 0) as pending
      from ledger_entries as entry
      join system_accounts as account on account.id = entry.account_id
      -- The first condition is for the block range index, the second for accounts that were opened later.
      where entry.written_by_xid >= (select min(folded_below) from system_accounts)
        and entry.written_by_xid >= account.folded_below
        and entry.written_by_xid < (select xid from horizon)
      group by entry.account_id
    )
    update accounts as account
    set posted = account.posted + coalesce(sums.posted, 0),
        pending_out = account.pending_out - coalesce(sums.pending, 0),
        folded_below = horizon.xid
    from system_accounts
    left join sums on sums.account_id = system_accounts.id
    cross join horizon
    where account.id = system_accounts.id
      and horizon.xid > account.folded_below`);
}
