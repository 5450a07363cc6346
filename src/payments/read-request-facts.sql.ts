import type { Queryable } from '../shared/database.ts';
import type { PaymentRequest } from './acceptance.ts';
import type { RequestFacts } from './decide-acceptance.ts';

interface Row {
  readonly has_user: boolean;
  readonly wallet_id: bigint | null;
  readonly resource_id: bigint | null;
  readonly fingerprint: Buffer;
  readonly response_status: number;
  readonly response_body: string | null;
  readonly payment_id: bigint | null;
}

/**
 * Reads what is known about each request of a batch, in order, and draws ids for those that may become payments.
 * Ids are drawn in the order of the requests, which the sorted sub-select makes sure of.
 * Each table is looked into by key, once for each request, and nothing is locked. The limits say so to the planner: without
 * them it reads the whole of a table that was small when the plan was made, for as long as the plan is kept.
 */
export async function readRequestFacts(
  queryable: Queryable,
  requests: readonly PaymentRequest[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<RequestFacts[]> {
  const { rows } = await queryable.query<Row>({
    name: 'payments-read-request-facts',
    text: `
      select fact.*,
             case
               when fact.wallet_id is not null and fact.resource_id is null
               then nextval('payments_id_seq')
             end as payment_id
      from (
        select owner.id is not null as has_user,
               wallet.id as wallet_id,
               used.resource_id,
               used.fingerprint,
               used.response_status,
               case when used.created_at > now() - $4 * interval '1 millisecond' then used.response_body end
                 as response_body
        from unnest($1::bigint[], $2::text[], $3::text[]) with ordinality as request (user_id, currency, key, position)
        left join lateral (
          select id from users where id = request.user_id limit 1
        ) as owner on true
        left join lateral (
          select id from accounts where user_id = request.user_id and currency = request.currency limit 1
        ) as wallet on true
        left join lateral (
          select resource_id, fingerprint, response_status, response_body, created_at
          from idempotency_keys
          where scope = request.user_id and key = request.key
          limit 1
        ) as used on true
        order by request.position
        offset 0
      ) as fact`,
    values: [
      requests.map((request) => request.userId),
      requests.map((request) => request.currency),
      requests.map((request) => request.idempotency?.key ?? null),
      responseTtlMs,
    ],
  });
  return rows.map((row) => ({
    hasUser: row.has_user,
    walletId: row.wallet_id,
    paymentId: row.payment_id,
    usedKey:
      row.resource_id === null
        ? null
        : {
            fingerprint: row.fingerprint,
            resourceId: row.resource_id,
            response:
              row.response_body === null ? null : { status: row.response_status, body: row.response_body },
          },
  }));
}
