import type { Queryable } from '../../src/database/database.ts';

/** What the events of each subject must be, from beginning to end, for what its tables say to have come of it. */
const HISTORIES = `
  select 'payment:' || id as subject,
         case status
           when 'new' then '^accepted( unknown redriven)*$'
           when 'unknown' then '^accepted( unknown redriven)* unknown$'
           when 'success' then '^accepted( unknown redriven)* (succeeded|unknown succeeded resolved)$'
           when 'failed' then '^(failed|accepted( unknown redriven)* (failed|unknown failed resolved))$'
         end as history
  from payments
  union all
  select 'hold:' || id,
         '^placed( captured){' || capture_count || '}' || case when status in ('open', 'captured') then '' else ' ' || status end || '$'
  from order_holds
  union all
  select 'transfer:' || id, '^completed$' from wallet_transfers
  union all
  select 'conversion:' || id, '^completed$' from conversion_quotes where used_at is not null
  union all
  select 'wallet:' || wallet.id,
         '^created' || coalesce(string_agg(
           case action when 'freeze' then ' frozen' when 'unfreeze' then ' unfrozen' when 'close' then ' closed' when 'reopen' then ' frozen' end,
           '' order by change.id), '') || '$'
  from accounts as wallet
  left join wallet_state_changes as change on change.wallet_id = wallet.id
  where wallet.user_id is not null
  group by wallet.id
  union all
  select 'difference:' || id, '^found' || case when closed_at is null then '' else ' ended' end || '$' from reconciliation_differences
  union all
  select 'violation:' || id, '^found' || case when resolved_at is null then '' else ' ended' end || '$' from integrity_violations`;

/**
 * Compares all events with all tables that they speak of.
 * @returns a sentence for each subject whose events do not tell what became of it, and for each deposit whose refunds were not told once each.
 */
export async function findUntold(queryable: Queryable): Promise<string[]> {
  const { rows } = await queryable.query<{ sentence: string }>(`
    with wanted as (${HISTORIES}),
    told as (
      select subject, string_agg(split_part(type, '.', 3), ' ' order by id) as history
      from events
      where type <> 'tollgate.payment.refunded.v1'
      group by subject
    ),
    refunds as (
      select 'payment:' || refund_of as subject, count(*) as count
      from payments
      where refund_of is not null and status = 'success'
      group by refund_of
    ),
    told_refunds as (
      select subject, count(*) as count from events where type = 'tollgate.payment.refunded.v1' group by subject
    )
    select format('%s is to be %s, and was told as %s', subject, coalesce(wanted.history, 'nothing'), coalesce(told.history, 'nothing')) as sentence
    from wanted
    full join told using (subject)
    where wanted.history is null or told.history is null or told.history !~ wanted.history
    union all
    select format('%s has %s refunds, of which %s were told', subject, coalesce(refunds.count, 0), coalesce(told_refunds.count, 0))
    from refunds
    full join told_refunds using (subject)
    where refunds.count is distinct from told_refunds.count`);
  return rows.map(({ sentence }) => sentence);
}
