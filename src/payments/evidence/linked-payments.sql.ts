import type { Queryable } from '../../database/database.ts';

/**
 * `linked`: for each payment in $1 (`asked_id`), itself and the payments linked with it by redrives in both directions: the whole chain, or
 * with $2 only those that share its reference at the gateway. Each step is a lookup in a primary key or in payments_redriven, which
 * contains only redriven payments. A redrive is of the same user.
 */
export const LINKED_PAYMENTS = `
      recursive linked as (
        select id as asked_id, user_id, id, reference, redrive_of, status, updated_at
        from payments
        where id = any ($1::bigint[])
        union
        select linked.asked_id, next.user_id, next.id, next.reference, next.redrive_of, next.status, next.updated_at
        from linked
        cross join lateral (
          select user_id, id, reference, redrive_of, status, updated_at
          from payments
          where user_id = linked.user_id and id = linked.redrive_of
          union all
          select user_id, id, reference, redrive_of, status, updated_at
          from payments
          where redrive_of = linked.id and redrive_of is not null
        ) as next
        where not $2::boolean or next.reference = linked.reference
      )`;

/** `reference`: payments that share a reference at the gateway. `chain`: all payments connected by redrives. */
export type LinkScope = 'reference' | 'chain';

/** The ids of payments and of those linked with them, oldest first. */
export async function readLinkedIds(
  queryable: Queryable,
  paymentIds: readonly bigint[],
  scope: LinkScope,
): Promise<bigint[]> {
  const { rows } = await queryable.query<{ id: bigint }>({
    name: 'payments-read-linked',
    text: `with ${LINKED_PAYMENTS} select distinct id from linked order by id`,
    values: [paymentIds, scope === 'reference'],
  });
  return rows.map((row) => row.id);
}
