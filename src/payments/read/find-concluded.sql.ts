import type { Knex } from '../../database/database.ts';
import type { PaymentStatus } from '../payment.ts';

/** How a payment stands that is no longer under way. */
export type ConcludedStatus = Exclude<PaymentStatus, 'processing'>;

/** Finds those of the payments that are no longer under way. */
export async function findConcluded(
  knex: Knex,
  paymentIds: readonly bigint[],
): Promise<Map<bigint, ConcludedStatus>> {
  const { rows }: { rows: { paymentId: bigint; status: ConcludedStatus }[] } = await knex.raw(
    `select id as "paymentId", status from payments where id = any (:paymentIds::bigint[]) and status <> 'new'`,
    { paymentIds },
  );
  return new Map(rows.map(({ paymentId, status }) => [paymentId, status]));
}
