import type { Knex } from 'knex';

/** A key of a user, as a request brings it. */
export interface UsualKey {
  readonly userId: number;
  readonly key: string;
  readonly fingerprint: Buffer;
}

export interface UsualAnswer {
  readonly status: number;
  readonly body: string;
}

/** Takes a key for this transaction; gives the stored answer where it was used before. */
export async function useKey(
  transaction: Knex,
  { userId, key, fingerprint }: UsualKey,
  kind: 'payment' | 'order_hold' | 'conversion',
): Promise<UsualAnswer | undefined> {
  const rows = await transaction('idempotency_keys')
    .insert({ scope: userId, key, fingerprint, resource_kind: kind, resource_id: 0, response_status: 0 })
    .onConflict()
    .ignore()
    .returning('scope');
  if (rows.length === 1) return undefined;
  const used = await transaction('idempotency_keys').where({ scope: userId, key }).first();
  if (!fingerprint.equals(used.fingerprint)) return { status: 422, body: '{"error":"the key was used"}' };
  return { status: used.response_status, body: used.response_body };
}

/** Keeps the answer with its key, and gives it back. */
export async function keepAnswer(
  transaction: Knex,
  { userId, key }: UsualKey,
  { answer, resourceId }: { readonly answer: UsualAnswer; readonly resourceId: string },
): Promise<UsualAnswer> {
  await transaction('idempotency_keys')
    .where({ scope: userId, key })
    .update({ resource_id: resourceId, response_status: answer.status, response_body: answer.body });
  return answer;
}
