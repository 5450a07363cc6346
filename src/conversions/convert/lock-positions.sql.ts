import type { Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import type { Position } from './decide-position.ts';

/** Locks of other kinds have other numbers. */
const POSITION_OF_A_CURRENCY = 7302;

/**
 * Lets conversions of currencies with a limit take turns until their transaction ends, and reads these positions. The accounts `fx` cannot be
 * locked as rows: they are only inserted to. Whoever has waited reads what the one before has written, because that is a statement of its own.
 * The turns come before all rows, in the order of their numbers (test/locks/lock-order.ts).
 *
 * What is not folded yet is found by the block range index, which reads the entries of the last minute; by account, all that a busy one ever
 * had would be read. Nothing is read where no limit is set.
 */
export async function lockAndReadPositions(
  transaction: Transaction,
  limits: readonly { readonly accountId: bigint; readonly currency: string; readonly limitMinor: bigint }[],
): Promise<Position[]> {
  if (limits.length === 0) return [];
  const accountIds = limits.map(({ accountId }) => accountId);
  const [, { rows }] = await sentTogether([
    transaction.query({
      name: 'conversions-lock-positions',
      text: `
        select pg_advisory_xact_lock($1::int, turn.number)
        from (select distinct hashint8(id) as number from unnest($2::bigint[]) as id order by 1) as turn`,
      values: [POSITION_OF_A_CURRENCY, accountIds],
    }),
    transaction.query<{ id: bigint; amountMinor: bigint }>({
      name: 'conversions-read-positions',
      text: `
        with position as materialized (
          select id, posted, folded_below
          from accounts
          where id = any ($1::bigint[])
        ),
        recent as materialized (
          select account_id, amount, written_by_xid
          from ledger_entries
          where written_by_xid >= (select min(folded_below) from position)
        )
        select position.id,
               (position.posted + coalesce((
                 select sum(recent.amount)
                 from recent
                 where recent.account_id = position.id and recent.written_by_xid >= position.folded_below
               ), 0))::bigint as "amountMinor"
        from position`,
      values: [accountIds],
    }),
  ]);
  const amounts = new Map(rows.map(({ id, amountMinor }) => [id, amountMinor]));
  return limits.map(({ accountId, currency, limitMinor }) => ({
    currency,
    limitMinor,
    amountMinor: amounts.get(accountId) ?? 0n,
  }));
}
