import type { Knex } from '../database/database.ts';
import { walletChange } from '../payments/kinds/payment-kinds.sql.ts';
import type { User } from './user.ts';

/**
 * Reads a user with the balance of their oldest wallet.
 * Open payments are found through the queue and the inquiries, which contain only payments in progress.
 */
export async function findUser(knex: Knex, userId: bigint): Promise<User | undefined> {
  const { rows } = await knex.raw(
    `
    select owner.id as "userId", owner.external_id as "externalId", wallet.currency, wallet.posted as "postedMinor",
           wallet.held as "heldMinor", owner.created_at as "createdAt",
           coalesce((
             select sum(greatest(0, ${walletChange('payment.type', { amount: 'payment.amount', fee: 'payment.fee' })}))
             from (
               select payment_id from payment_tasks where user_id = :userId
               union
               select payment_id from payment_inquiries where user_id = :userId
             ) as open
             join payments as payment on payment.user_id = :userId and payment.id = open.payment_id
             where payment.wallet_id = wallet.id
           ), 0)::bigint as "pendingInMinor"
    from users as owner
    join accounts as wallet on wallet.user_id = owner.id and wallet.name = ''
    where owner.id = :userId
    order by wallet.id
    limit 1`,
    { userId },
  );
  return rows[0];
}
