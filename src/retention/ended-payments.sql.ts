/**
 * `judged`: for each payment of `page` (payment_id), whether its evidence may be deleted. That is allowed only if nobody can need it any
 * more to decide about money: the payment and all payments linked with it by redrives ended before $1, and none has an open dead letter
 * (which could be redriven), a task, an inquiry, or an open difference. Each lookup uses an index.
 */
export const JUDGED_PAYMENTS = `
  chain as (
    select payment_id as root, payment_id as id from page
    union
    select chain.root, next.id
    from chain
    cross join lateral (
      select redrive_of as id from payments where id = chain.id and redrive_of is not null
      union all
      select id from payments where redrive_of = chain.id and redrive_of is not null
    ) as next
  ),
  judged as materialized (
    select chain.root as payment_id,
           bool_and(
             payment.status in ('success', 'failed')
             and payment.updated_at <= $1
             and not exists (
               select 1 from payment_dlq as letter
               where letter.user_id = payment.user_id and letter.payment_id = payment.id and letter.action is null)
             and not exists (
               select 1 from payment_tasks as task
               where task.user_id = payment.user_id and task.payment_id = payment.id)
             and not exists (
               select 1 from payment_inquiries as inquiry
               where inquiry.user_id = payment.user_id and inquiry.payment_id = payment.id)
             and not exists (
               select 1 from reconciliation_differences as difference
               where difference.payment_id = payment.id and difference.closed_at is null)
             and not exists (
               select 1 from reconciliation_differences as difference
               where difference.reference = payment.reference and difference.closed_at is null)
           ) as may_go,
           bool_or(payment.id = chain.root and payment.created_at > $1) as is_young
    from chain
    join payments as payment on payment.id = chain.id
    group by chain.root
  )`;
