import type { Knex } from '../database/database.ts';
import type { CreatedFilter, Page, PageQuery } from '../database/list-page.sql.ts';

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

/** What a line can be called by: its business event. */
export const STATEMENT_KINDS = ['payment', 'transfer', 'conversion', 'hold', 'user'] as const;

export interface StatementFilter extends CreatedFilter, PageQuery {
  readonly kind?: (typeof STATEMENT_KINDS)[number] | undefined;
}

/**
 * Lists the postings to a wallet, newest first. The balance after each line is computed backwards from the current balance, over the lines
 * that a filter leaves out, too; so a page costs as much as all newer lines.
 */
export async function readStatement(
  knex: Knex,
  {
    walletId,
    beforeId,
    kind,
    createdAfter,
    createdBefore,
    limit,
  }: StatementFilter & { readonly walletId: bigint },
): Promise<Page<StatementLine>> {
  const { rows } = await knex.raw(
    `
    with wallet as materialized (
      select id, posted from accounts where id = :walletId
    ), page as materialized (
      select entry.transaction_id, entry.amount, header.created_at, header.reference, header.step, header.user_id
      from ledger_entries as entry
      -- One probe for each entry, whatever the planner thinks of the filters.
      join lateral (
        select * from ledger_transactions where id = entry.transaction_id limit 1
      ) as header on true
      where entry.account_id = (select id from wallet)
        and (entry.transaction_id < :beforeId or :beforeId::bigint is null)
        and (header.created_at >= :createdAfter::timestamptz or :createdAfter::timestamptz is null)
        and (header.created_at < :createdBefore::timestamptz or :createdBefore::timestamptz is null)
        and (starts_with(header.reference, :kind::text || ':') or :kind::text is null)
      order by entry.transaction_id desc
      limit :limit
    ), newer as materialized (
      select transaction_id, sum(amount) over (order by transaction_id desc) - amount as amount
      from ledger_entries
      where account_id = (select id from wallet) and transaction_id >= (select min(transaction_id) from page)
    )
    select page.transaction_id as "transactionId", page.created_at as at, page.reference, page.step,
           hold.order_id as "orderId",
           page.amount as "amountMinor",
           ((select posted from wallet) - newer.amount)::bigint as "balanceAfterMinor"
    from page
    join newer on newer.transaction_id = page.transaction_id
    left join order_holds as hold
      on hold.user_id = page.user_id and hold.id = substring(page.reference from '^hold:([0-9]+)$')::bigint
    order by page.transaction_id desc`,
    {
      walletId,
      beforeId: beforeId ?? null,
      kind: kind ?? null,
      createdAfter: createdAfter ?? null,
      createdBefore: createdBefore ?? null,
      limit: limit + 1,
    },
  );
  const items: readonly StatementLine[] = rows.slice(0, limit);
  return { items, nextBeforeId: rows.length > limit ? items.at(-1)!.transactionId : null };
}
