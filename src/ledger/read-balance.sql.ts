import type { Knex } from '../database/database.ts';

/** The current posted balance of a system account, in minor units, credit-positive: folded plus not yet folded entries. */
export async function readSystemBalance(
  knex: Knex,
  account: { readonly kind: 'gateway' | 'fee' | 'equity' | 'suspense' | 'fx'; readonly currency: string },
): Promise<bigint> {
  const { rows } = await knex.raw(
    `
    select account.posted + coalesce((
      select sum(entry.amount)
      from ledger_entries as entry
      where entry.account_id = account.id
        and entry.written_by_xid >= account.folded_below
    ), 0)::bigint as posted
    from accounts as account
    where account.user_id is null and account.kind = :kind and account.currency = :currency`,
    account,
  );
  return rows[0]?.posted ?? 0n;
}

/** The same for every currency that is in use, by currency: what a system account of this kind has in each. */
export async function listSystemBalances(
  knex: Knex,
  kind: 'fx',
): Promise<{ readonly currency: string; readonly postedMinor: bigint }[]> {
  const { rows } = await knex.raw(
    `
    select account.currency, account.posted + coalesce((
      select sum(entry.amount)
      from ledger_entries as entry
      where entry.account_id = account.id
        and entry.written_by_xid >= account.folded_below
    ), 0)::bigint as "postedMinor"
    from accounts as account
    where account.user_id is null and account.kind = :kind
    order by account.currency`,
    { kind },
  );
  return rows;
}
