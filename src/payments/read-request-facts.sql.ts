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
 * Every join is a lookup by primary or unique key; nothing is locked.
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
        left join users as owner on owner.id = request.user_id
        left join accounts as wallet on wallet.user_id = request.user_id and wallet.currency = request.currency
        left join idempotency_keys as used on used.scope = request.user_id and used.key = request.key
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
