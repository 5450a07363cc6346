import type { Transaction } from '../../database/database.ts';
import type { TransactionRange } from '../../ledger/count-entries.sql.ts';

/** One ledger transaction with all of its legs. */
export interface PostedTransaction {
  readonly transactionId: bigint;
  readonly reference: string;
  readonly step: string;
  readonly userId: bigint | null;
  readonly legs: readonly PostedLeg[];
}

export interface PostedLeg {
  /** null where the account does not exist. */
  readonly kind: string | null;
  /** Whose wallet it is. */
  readonly ownerId: bigint | null;
  readonly currency: string | null;
  readonly amountMinor: bigint;
}

/**
 * Reads transactions that have a header, with their legs.
 * @param range where their entries are, if it is known; without it, more of the ledger is searched.
 */
export async function readPostedTransactions(
  transaction: Transaction,
  transactionIds: readonly bigint[],
  range?: TransactionRange,
): Promise<PostedTransaction[]> {
  if (transactionIds.length === 0) return [];
  const headers = await transaction.query<Omit<PostedTransaction, 'legs'>>(
    `select id as "transactionId", reference, step, user_id as "userId"
     from ledger_transactions
     where id = any ($1::bigint[])
     order by id`,
    [transactionIds],
  );
  const legs = await transaction.query<PostedLeg & { readonly transactionId: bigint }>(
    `select entry.transaction_id as "transactionId", account.kind, account.user_id as "ownerId", account.currency,
            entry.amount as "amountMinor"
     from ledger_entries as entry
     left join accounts as account on account.id = entry.account_id
     where entry.transaction_id = any ($1::bigint[])
       ${range ? 'and entry.written_by_xid >= $2 and entry.written_by_xid < $3' : ''}
     order by entry.transaction_id, entry.account_id`,
    range ? [transactionIds, range.from, range.below] : [transactionIds],
  );
  const byTransaction = Map.groupBy(legs.rows, ({ transactionId }) => transactionId);
  return headers.rows.map((header) => ({ ...header, legs: byTransaction.get(header.transactionId) ?? [] }));
}
