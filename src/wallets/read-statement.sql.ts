import type { Knex } from '../database/database.ts';
import type { Page } from '../database/list-page.sql.ts';

/** A line of a wallet's statement. */
export interface StatementLine {
  readonly transactionId: bigint;
  readonly at: Date;
  /** The business event, such as `payment:42`, and its step. */
  readonly reference: string;
  readonly step: string;
  /** The client's name for the captured order. */
  readonly orderId: string | null;
  /** What was added to the wallet, or taken from it if negative, in minor units. */
  readonly amountMinor: bigint;
  readonly balanceAfterMinor: bigint;
}

/**
 * Lists the postings to a wallet, newest first. The balance after each line is computed backwards from the current balance, so a page costs
 * as much as all newer lines.
 * @param beforeId only lines of transactions with a smaller id than this, which is the last one of the previous page.
 */
export async function readStatement(
  knex: Knex,
  {
    walletId,
    beforeId = null,
    limit,
  }: { readonly walletId: bigint; readonly beforeId?: bigint | null | undefined; readonly limit: number },
): Promise<Page<StatementLine>> {
  const { rows } = await knex.raw(
    `
    with wallet as materialized (
      select id, posted from accounts where id = :walletId
    ), page as materialized (
      select entry.transaction_id, entry.amount
      from ledger_entries as entry
      where entry.account_id = (select id from wallet)
        and (entry.transaction_id < :beforeId or :beforeId::bigint is null)
      order by entry.transaction_id desc
      limit :limit
    ), newer as materialized (
      select coalesce(sum(amount), 0) as amount
      from ledger_entries
      where account_id = (select id from wallet) and transaction_id >= :beforeId
    )
    select page.transaction_id as "transactionId", header.created_at as at, header.reference, header.step,
           hold.order_id as "orderId",
           page.amount as "amountMinor",
           ((select posted from wallet) - (select amount from newer)
             - sum(page.amount) over (order by page.transaction_id desc) + page.amount)::bigint
             as "balanceAfterMinor"
    from page
    join ledger_transactions as header on header.id = page.transaction_id
    left join order_holds as hold
      on hold.user_id = header.user_id and hold.id = substring(header.reference from '^hold:([0-9]+)$')::bigint
    order by page.transaction_id desc`,
    { walletId, beforeId, limit: limit + 1 },
  );
  const items: readonly StatementLine[] = rows.slice(0, limit);
  return { items, nextBeforeId: rows.length > limit ? items.at(-1)!.transactionId : null };
}
