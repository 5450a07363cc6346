import { strict as assert } from 'node:assert';
import type { Transaction } from '../shared/database.ts';
import type { BalanceChange, Leg, Posting } from './posting.ts';

/** Gives the new ids in the order of `postings`. */
export async function insertLedgerTransactions(
  transaction: Transaction,
  postings: readonly Posting[],
): Promise<bigint[]> {
  const { rows } = await transaction.query<{ id: bigint; reference: string; step: string }>({
    name: 'ledger-insert-transactions',
    text: `
      insert into ledger_transactions (reference, step, user_id)
      select reference, step, user_id
      from unnest($1::text[], $2::text[], $3::bigint[]) as t (reference, step, user_id)
      returning id, reference, step`,
    values: [
      postings.map((posting) => posting.reference),
      postings.map((posting) => posting.step),
      postings.map((posting) => posting.userId),
    ],
  });
  const idByStep = new Map(rows.map((row) => [`${row.reference} ${row.step}`, row.id]));
  return postings.map(({ reference, step }) => {
    const id = idByStep.get(`${reference} ${step}`);
    assert(id !== undefined, `no ledger transaction was written for ${reference} ${step}`);
    return id;
  });
}

export async function insertEntries(
  transaction: Transaction,
  entries: readonly (Leg & { readonly transactionId: bigint; readonly userId: bigint | null })[],
): Promise<void> {
  if (entries.length === 0) return;
  await transaction.query({
    name: 'ledger-insert-entries',
    text: `
      insert into ledger_entries (account_id, transaction_id, layer, amount, user_id)
      select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])`,
    values: [
      entries.map((entry) => entry.accountId),
      entries.map((entry) => entry.transactionId),
      entries.map((entry) => entry.layer),
      entries.map((entry) => entry.amountMinor),
      entries.map((entry) => entry.userId),
    ],
  });
}

/**
 * Adds one change to each account. Rows are locked in id order before any is changed: two batches that meet on the same
 * wallets then wait for each other instead of ending in a deadlock.
 */
export async function updateKeptBalances(
  transaction: Transaction,
  changes: readonly BalanceChange[],
): Promise<void> {
  const { rowCount } = await transaction.query({
    name: 'ledger-update-kept-balances',
    text: `
      with locked as materialized (
        select id
        from accounts
        where id = any ($1::bigint[])
        order by id
        for no key update
      )
      update accounts as account
      set posted = account.posted + change.posted,
          pending_out = account.pending_out + change.pending_out
      from locked
      join unnest($1::bigint[], $2::bigint[], $3::bigint[]) as change (id, posted, pending_out) using (id)
      where account.id = locked.id`,
    values: [
      changes.map((change) => change.accountId),
      changes.map((change) => change.postedMinor),
      changes.map((change) => change.pendingOutMinor),
    ],
  });
  assert(rowCount === changes.length, `${changes.length} balances were to change, ${rowCount} did`);
}
