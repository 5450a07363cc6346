import type { Knex } from '../../src/database/database.ts';

export async function selectUnbalancedTransactions(
  transaction: Knex,
): Promise<{ transaction_id: bigint; currency: string; total: string }[]> {
  const { rows } = await transaction.raw(`
    select entry.transaction_id, account.currency, sum(entry.amount) as total
    from ledger_entries as entry
    join accounts as account on account.id = entry.account_id
    group by entry.transaction_id, account.currency
    having sum(entry.amount) <> 0
    limit 100`);
  return rows;
}

/** A system account's stored balance speaks of the transactions below its watermark only. */
export async function selectBalanceMismatches(
  transaction: Knex,
): Promise<{ id: bigint; posted: bigint; entries_posted: string }[]> {
  const { rows } = await transaction.raw(`
    select account.id, account.posted, coalesce(sums.posted, 0) as entries_posted
    from accounts as account
    left join (
      select entry.account_id, sum(entry.amount) as posted
      from ledger_entries as entry
      join accounts as owner on owner.id = entry.account_id
      where owner.user_id is not null or entry.written_by_xid < owner.folded_below
      group by entry.account_id
    ) as sums on sums.account_id = account.id
    where account.posted <> coalesce(sums.posted, 0)
    limit 100`);
  return rows;
}

/** Holds must be of an account that exists, in its currency and of its user; others count for no account. */
export async function selectHeldMismatches(
  transaction: Knex,
): Promise<{ id: bigint; held: bigint; holds: string }[]> {
  const { rows } = await transaction.raw(`
    select coalesce(account.id, sums.account_id) as id, coalesce(account.held, 0) as held, coalesce(sums.amount, 0) as holds
    from accounts as account
    full join (
      select account_id, user_id, currency, sum(amount_minor) as amount
      from holds
      group by account_id, user_id, currency
    ) as sums on sums.account_id = account.id and sums.user_id = account.user_id and sums.currency = account.currency
    where coalesce(account.held, 0) <> coalesce(sums.amount, 0)
    limit 100`);
  return rows;
}

export async function selectOverdrawnAccounts(
  transaction: Knex,
): Promise<{ id: bigint; posted: bigint; held: bigint; floor: bigint }[]> {
  const { rows } = await transaction.raw(`
    select id, posted, held, floor
    from accounts
    where floor is not null and (posted - held < floor or held < 0)
    limit 100`);
  return rows;
}

/** Conversions that were not posted once, in exactly the amounts that were quoted, by quotes that were used in time. */
export async function selectMisquotedConversions(
  transaction: Knex,
): Promise<{ id: bigint; expected: string | null; posted: string | null }[]> {
  const { rows } = await transaction.raw(`
    with quoted as (
      select quote.id, string_agg(leg.kind || ' ' || leg.owner || ' ' || leg.currency || ' ' || leg.amount, ', '
                                  order by leg.kind, leg.currency) as legs
      from conversion_quotes as quote
      cross join lateral (values
        ('wallet', quote.from_wallet_id || ' of ' || quote.user_id, quote.from_currency, -quote.from_amount),
        ('fx', '-', quote.from_currency, quote.from_amount - quote.spread_amount),
        ('fee', '-', quote.from_currency, quote.spread_amount),
        ('fx', '-', quote.to_currency, -quote.to_amount),
        ('wallet', quote.to_wallet_id || ' of ' || quote.user_id, quote.to_currency, quote.to_amount)
      ) as leg (kind, owner, currency, amount)
      where quote.used_at < quote.expires_at and leg.amount <> 0
      group by quote.id
    ),
    posted as (
      select substr(header.reference, 12)::bigint as id,
             string_agg(account.kind || ' ' || coalesce(account.id || ' of ' || account.user_id, '-') || ' ' || account.currency || ' ' || entry.amount,
                        ', ' order by account.kind, account.currency) as legs
      from ledger_transactions as header
      join ledger_entries as entry on entry.transaction_id = header.id
      join accounts as account on account.id = entry.account_id
      where header.reference like 'conversion:%'
      group by header.reference
    )
    select coalesce(quoted.id, posted.id) as id, quoted.legs as expected, posted.legs as posted
    from quoted
    full join posted on posted.id = quoted.id
    where quoted.legs is distinct from posted.legs
    limit 100`);
  return rows;
}

/** Transfers that were not posted once, to both wallets. */
export async function selectUnpostedTransfers(
  transaction: Knex,
): Promise<{ id: bigint; expected: string | null; posted: string | null }[]> {
  const { rows } = await transaction.raw(`
    with made as (
      select transfer.id, string_agg(leg.account || ' ' || transfer.currency || ' ' || leg.amount, ', ' order by leg.account) as legs
      from wallet_transfers as transfer
      cross join lateral (values
        (from_wallet_id::text, -(amount + case fee_payer when 'sender' then fee else 0 end)),
        (to_wallet_id::text, amount - case fee_payer when 'recipient' then fee else 0 end),
        ('fee', fee)
      ) as leg (account, amount)
      where leg.amount <> 0
      group by transfer.id
    ),
    posted as (
      select substr(header.reference, 10)::bigint as id,
             string_agg(who.account || ' ' || account.currency || ' ' || entry.amount, ', ' order by who.account) as legs
      from ledger_transactions as header
      join ledger_entries as entry on entry.transaction_id = header.id
      join accounts as account on account.id = entry.account_id
      cross join lateral (select case account.kind when 'wallet' then account.id::text else account.kind end as account) as who
      where header.reference like 'transfer:%'
      group by header.reference
    )
    select coalesce(made.id, posted.id) as id, made.legs as expected, posted.legs as posted
    from made
    full join posted on posted.id = made.id
    where made.legs is distinct from posted.legs
    limit 100`);
  return rows;
}

/** Captures that did not take their money from the wallet of the hold to one wallet of another user, or to our sales. */
export async function selectStrayCaptures(transaction: Knex): Promise<{ id: bigint; legs: string }[]> {
  const { rows } = await transaction.raw(`
    select header.id, string_agg(account.kind || ' ' || coalesce(account.user_id::text, '-') || ' ' || entry.amount, ', ') as legs
    from ledger_transactions as header
    left join order_holds as hold on hold.user_id = header.user_id and 'hold:' || hold.id = header.reference
    join ledger_entries as entry on entry.transaction_id = header.id
    left join accounts as account on account.id = entry.account_id
    where header.reference like 'hold:%'
    group by header.id
    having count(*) <> 2
        or count(*) filter (where entry.account_id = hold.wallet_id and entry.amount < 0 and account.currency = hold.currency) <> 1
        or count(*) filter (
             where entry.amount > 0 and account.currency = hold.currency
               and (account.kind = 'sales' or (account.kind = 'wallet' and account.user_id <> hold.user_id))
           ) <> 1
    limit 100`);
  return rows;
}
