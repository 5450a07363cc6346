import type { Pool } from '../../src/database/database.ts';
import type { PostedPayment } from '../../src/payments/kinds/payment-postings.ts';

export async function selectOpenPayments(pool: Pool): Promise<PostedPayment[]> {
  const { rows } = await pool.query(`
    select id as "paymentId", user_id as "userId", wallet_id as "walletId", type, amount as "amountMinor",
           fee as "feeMinor", currency
    from payments
    where status = 'new'`);
  return rows;
}
