import type { Transaction } from '../database/database.ts';
import type { EntriesPosition } from './checkpoint.ts';

/** One account's share of a page of entries, with its proof; sums in minor units as text. */
export interface AccountPage {
  readonly accountId: bigint;
  readonly entryCount: number;
  readonly posted: string;
  readonly lastTransactionId: bigint;
  readonly provenPosted: string;
}

/**
 * Sums the next page of entries, in the order of accounts. Only entries that the proofs count are summed; for an account that an earlier
 * page began, those that its proof counted at that time.
 */
export async function sumEntryPage(
  transaction: Transaction,
  {
    after,
    checkedBelow,
    limit,
  }: { readonly after: EntriesPosition; readonly checkedBelow: bigint; readonly limit: number },
): Promise<AccountPage[]> {
  const { rows } = await transaction.query<AccountPage>(
    `with page as materialized (
       select account_id, transaction_id, amount,
              written_by_xid < case when account_id = $3 then $4::bigint else $5::bigint end as is_proven
       from ledger_entries
       where (account_id, transaction_id) > ($1::bigint, $2::bigint)
       order by account_id, transaction_id
       limit $6
     )
     select page.account_id as "accountId", count(*)::int as "entryCount",
            coalesce(sum(page.amount) filter (where page.is_proven), 0)::text as posted,
            max(page.transaction_id) as "lastTransactionId",
            coalesce(min(proof.posted), 0)::text as "provenPosted"
     from page
     left join integrity_account_proofs as proof on proof.account_id = page.account_id
     group by page.account_id
     order by page.account_id`,
    [
      after.accountId,
      after.transactionId,
      after.carried?.accountId ?? null,
      after.carried?.below ?? null,
      checkedBelow,
      limit,
    ],
  );
  return rows;
}

/** Accounts in a range that have a non-zero proof but no entries. */
export async function selectEmptied(
  transaction: Transaction,
  {
    afterId,
    throughId,
    limit,
  }: { readonly afterId: bigint; readonly throughId: bigint | null; readonly limit: number },
): Promise<bigint[]> {
  const { rows } = await transaction.query<{ id: bigint }>(
    `select account_id as id
     from integrity_account_proofs as proof
     where account_id > $1 and ($2::bigint is null or account_id <= $2)
       and posted <> 0
       and not exists (select 1 from ledger_entries as entry where entry.account_id = proof.account_id)
     order by account_id
     limit $3`,
    [afterId, throughId, limit],
  );
  return rows.map((row) => row.id);
}
