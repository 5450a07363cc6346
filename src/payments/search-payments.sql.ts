import type { Knex } from '../shared/database.ts';

/** What people bring who ask for a payment. */
export type PaymentTrace =
  | { readonly kind: 'idempotency_key'; readonly key: string }
  | { readonly kind: 'gateway_reference'; readonly reference: string }
  /** Ours at the gateway; it begins with the id of the payment that it was made for, and redrives may have made others under it. */
  | { readonly kind: 'reference'; readonly paymentId: bigint; readonly reference: string };

const MOST_FOUND = 50;
/** Keys and the gateway's references have no index of their own on the hot tables, so a search without a user reads much; it must not go on for long. */
const SEARCH_TIMEOUT_MS = 3000;

/**
 * Finds payments by what a client or the gateway calls them, fifty at the most, newest first.
 * @throws a database error with code 57014 when it takes too long.
 */
export async function searchPaymentIds(
  knex: Knex,
  { trace, userId = null }: { readonly trace: PaymentTrace; readonly userId?: bigint | null | undefined },
): Promise<bigint[]> {
  return await knex.transaction(
    async (transaction) => {
      await transaction.raw(`set local statement_timeout = ${SEARCH_TIMEOUT_MS}`);
      const { text, values } = statementFor(trace, userId);
      const { rows }: { rows: { id: bigint }[] } = await transaction.raw(text, { ...values, userId });
      return rows.map(({ id }) => id);
    },
    { readOnly: true },
  );
}

function statementFor(trace: PaymentTrace, userId: bigint | null) {
  const ofUser = userId === null ? '' : 'and user_id = :userId';
  switch (trace.kind) {
    case 'idempotency_key':
      return {
        text: `
          select resource_id as id
          from idempotency_keys
          where key = :key and resource_kind = 'payment' ${userId === null ? '' : 'and scope = :userId'}
          order by id desc
          limit ${MOST_FOUND}`,
        values: { key: trace.key },
      };
    case 'gateway_reference':
      return {
        text: `
          select id
          from payments
          where gateway_reference = :reference ${ofUser}
          order by id desc
          limit ${MOST_FOUND}`,
        values: { reference: trace.reference },
      };
    case 'reference':
      return {
        text: `
          with recursive under_reference as (
            select id, user_id from payments where id = :paymentId and reference = :reference
            union all
            select next.id, next.user_id
            from under_reference
            join payments as next on next.redrive_of = under_reference.id and next.redrive_of is not null
              and next.reference = :reference
          )
          select id
          from under_reference
          where true ${ofUser}
          order by id desc
          limit ${MOST_FOUND}`,
        values: { paymentId: trace.paymentId, reference: trace.reference },
      };
  }
}
