import { strict as assert } from 'node:assert';
import type { Transaction } from '../database/database.ts';
import type { BalanceChange, Posting } from './posting.ts';
import { recordReopened } from './wallet-state-changes.sql.ts';

/**
 * Writes headers, entries and wallet balances in one statement.
 *
 * The header ids are drawn first, into one array, so that each entry finds its header by position. With a join, the planner, which assumes
 * that `unnest` returns a handful of rows, would compare every entry with every header. Wallets are locked in id order before any is
 * changed, so that two batches with the same wallets wait for each other and do not deadlock. `locked` and the changes are both in that
 * order, so they too are matched by position.
 *
 * Money that the gateway has moved is never lost: what comes into a closed wallet reopens it, frozen, so that nothing goes out of it before
 * a person has looked (docs/decisions/090).
 */
export async function insertPostings(
  transaction: Transaction,
  postings: readonly Posting[],
  changes: readonly BalanceChange[],
): Promise<void> {
  const legs = postings.flatMap((posting, index) =>
    posting.legs.map((leg) => ({ ...leg, position: index + 1, userId: leg.userId ?? posting.userId })),
  );
  const { rows } = await transaction.query<{ count: number; reopened: string[] | null }>({
    name: 'ledger-insert-postings',
    text: `
      with drawn as materialized (
        select array(
          select nextval('ledger_transactions_id_seq')
          from generate_series(1, cardinality($1::text[]))
        ) as ids,
        -- The same as ledger_xid(), which PostgreSQL does not inline.
        pg_current_xact_id()::text::bigint + (select xid_offset from ledger_clock where is_only) as xid
      ),
      headers as (
        insert into ledger_transactions (id, reference, step, user_id)
        select drawn.ids[position], reference, step, user_id
        from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality as t (reference, step, user_id, position)
        cross join drawn
      ),
      entries as (
        insert into ledger_entries (account_id, transaction_id, amount, user_id, written_by_xid)
        select account_id, drawn.ids[position], amount, user_id, drawn.xid
        from unnest($4::bigint[], $5::int[], $6::bigint[], $7::bigint[])
          as t (account_id, position, amount, user_id)
        cross join drawn
      ),
      locked as materialized (
        select id, state
        from accounts
        where id = any ($8::bigint[])
        order by id
        for no key update
      ),
      numbered as (
        select id, state, row_number() over (order by id) as position
        from locked
      ),
      changed as (
        update accounts as account
        set posted = account.posted + ($9::bigint[])[numbered.position],
            held = account.held + ($10::bigint[])[numbered.position],
            state = case numbered.state when 'closed' then 'frozen' else numbered.state end
        from numbered
        where account.id = numbered.id
          and account.currency = ($11::text[])[numbered.position]
        returning 1
      )
      select count(*)::int as count, (select array_agg(id::text) from locked where state = 'closed') as reopened
      from changed`,
    values: [
      postings.map((posting) => posting.reference),
      postings.map((posting) => posting.step),
      postings.map((posting) => posting.userId),
      legs.map((leg) => leg.accountId),
      legs.map((leg) => leg.position),
      legs.map((leg) => leg.amountMinor),
      legs.map((leg) => leg.userId),
      changes.map((change) => change.accountId),
      changes.map((change) => change.postedMinor),
      changes.map((change) => change.heldMinor),
      changes.map((change) => change.currency),
    ],
  });
  assert(
    rows[0]?.count === changes.length,
    `${changes.length} balances should have changed, each in the currency of its wallet, but ${rows[0]?.count} did`,
  );
  const { reopened } = rows[0];
  if (reopened === null) return;
  await recordReopened(
    transaction,
    reopened.map(BigInt).map((walletId) => ({ walletId, reason: reasonToReopen(postings, walletId) })),
  );
}

function reasonToReopen(postings: readonly Posting[], walletId: bigint): string {
  const steps = postings
    .filter(({ legs }) => legs.some(({ accountId }) => accountId === walletId))
    .map(({ reference, step }) => `${reference} ${step}`);
  return `Money came in after it was closed: ${steps.join(', ')}`;
}
