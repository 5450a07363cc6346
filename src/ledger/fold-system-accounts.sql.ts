import type { Transaction } from '../database/database.ts';
import type { TransactionRange } from './count-entries.sql.ts';

/** The system accounts and how far they are folded: the lowest and the highest watermark. */
export interface FoldState {
  readonly accountCount: number;
  readonly leastBelow: bigint;
  readonly mostBelow: bigint;
}

/** Makes folds take turns; a later statement sees the watermark that the previous fold left. */
export async function lockSystemAccounts(transaction: Transaction): Promise<void> {
  await transaction.query(`
    select id
    from accounts
    where user_id is null
    order by id
    for no key update`);
}

export async function readFoldState(transaction: Transaction): Promise<FoldState> {
  const { rows } = await transaction.query<FoldState>(`
    select count(*)::int as "accountCount", coalesce(min(folded_below), 0) as "leastBelow",
           coalesce(max(folded_below), 0) as "mostBelow"
    from accounts
    where user_id is null`);
  return rows[0] as FoldState;
}

/** Adds the entries of a range to the accounts that do not include them yet, and moves their watermarks to its end. */
export async function foldEntries(
  transaction: Transaction,
  { from, below }: TransactionRange,
): Promise<void> {
  await transaction.query(
    `with system_accounts as materialized (
       select id, folded_below from accounts where user_id is null
     ),
     sums as (
       select entry.account_id, sum(entry.amount) as posted
       from ledger_entries as entry
       join system_accounts as account on account.id = entry.account_id
       -- The first two conditions let the block range index be used; the third is for accounts that are ahead of the others.
       where entry.written_by_xid >= $1
         and entry.written_by_xid < $2
         and entry.written_by_xid >= account.folded_below
       group by entry.account_id
     )
     update accounts as account
     set posted = account.posted + coalesce(sums.posted, 0),
         folded_below = $2
     from system_accounts
     left join sums on sums.account_id = system_accounts.id
     where account.id = system_accounts.id
       and account.folded_below < $2`,
    [from, below],
  );
}
