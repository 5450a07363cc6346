import type { Transaction } from '../../database/database.ts';
import type { TransactionRange } from '../../ledger/count-entries.sql.ts';

/** More than a range has, unless it is one transaction that wrote very much. */
const MAX_FOUND = 10_000;

/** Counts entries in the proofs of their accounts, which are then due for a comparison. */
export async function addToProofs(
  transaction: Transaction,
  { from, below }: TransactionRange,
): Promise<void> {
  await transaction.query(
    `insert into integrity_account_proofs as proof (account_id, posted, touched_at)
     select account_id, sum(amount), now()
     from ledger_entries
     where written_by_xid >= $1 and written_by_xid < $2
     group by account_id
     on conflict (account_id) do update
     set posted = proof.posted + excluded.posted,
         touched_at = coalesce(proof.touched_at, excluded.touched_at)`,
    [from, below],
  );
}

/** What is odd about the entries of a range; each list of what is wrong has at most MAX_FOUND members. */
export interface RangeFindings {
  readonly entryCount: number;
  readonly unbalancedIds: readonly bigint[];
  /** Transactions that have entries but no header. */
  readonly headlessIds: readonly bigint[];
  /** The payments that the entries belong to. */
  readonly paymentIds: readonly bigint[];
  /** The transactions that are postings of conversions, transfers or captures. */
  readonly postingIds: readonly bigint[];
}

export async function inspectEntries(
  transaction: Transaction,
  { from, below }: TransactionRange,
): Promise<RangeFindings> {
  const { rows } = await transaction.query<RangeFindings>(
    `with recent as materialized (
       select account_id, transaction_id, amount
       from ledger_entries
       where written_by_xid >= $1 and written_by_xid < $2
     ),
     unbalanced as (
       select distinct transaction_id
       from (
         select recent.transaction_id
         from recent
         left join accounts as account on account.id = recent.account_id
         group by recent.transaction_id, account.currency
         having sum(recent.amount) <> 0 or account.currency is null
       ) as sums
       limit ${MAX_FOUND}
     ),
     headers as materialized (
       select moved.transaction_id, header.reference
       from (select distinct transaction_id from recent) as moved
       left join ledger_transactions as header on header.id = moved.transaction_id
     )
     select (select count(*)::int from recent) as "entryCount",
            array(select transaction_id from unbalanced) as "unbalancedIds",
            array(select transaction_id from headers where reference is null limit ${MAX_FOUND}) as "headlessIds",
            array(select distinct substr(reference, 9)::bigint
                  from headers
                  where reference ~ '^payment:[0-9]{1,18}$') as "paymentIds",
            array(select transaction_id
                  from headers
                  where reference ~ '^(conversion|transfer|hold):[0-9]{1,18}$') as "postingIds"`,
    [from, below],
  );
  const found = rows[0] as RangeFindings;
  // The driver reads a bigint[] as text.
  return {
    entryCount: found.entryCount,
    unbalancedIds: found.unbalancedIds.map(BigInt),
    headlessIds: found.headlessIds.map(BigInt),
    paymentIds: found.paymentIds.map(BigInt),
    postingIds: found.postingIds.map(BigInt),
  };
}

/** The sums of whole transactions that are not zero; `currency` is null for entries of an account that does not exist. */
export async function selectUnbalancedSums(
  transaction: Transaction,
  transactionIds: readonly bigint[],
): Promise<{ transactionId: bigint; currency: string | null; total: string }[]> {
  const { rows } = await transaction.query(
    `select entry.transaction_id as "transactionId", account.currency, sum(entry.amount)::text as total
     from ledger_entries as entry
     left join accounts as account on account.id = entry.account_id
     where entry.transaction_id = any ($1::bigint[])
     group by entry.transaction_id, account.currency
     having sum(entry.amount) <> 0 or account.currency is null
     order by 1, 2`,
    [transactionIds],
  );
  return rows;
}

/** Those of the transactions that have entries but no header. */
export async function selectHeadless(
  transaction: Transaction,
  transactionIds: readonly bigint[],
): Promise<{ transactionId: bigint; entryCount: number }[]> {
  const { rows } = await transaction.query(
    `select entry.transaction_id as "transactionId", count(*)::int as "entryCount"
     from ledger_entries as entry
     where entry.transaction_id = any ($1::bigint[])
       and not exists (select 1 from ledger_transactions as header where header.id = entry.transaction_id)
     group by entry.transaction_id
     order by 1`,
    [transactionIds],
  );
  return rows;
}
