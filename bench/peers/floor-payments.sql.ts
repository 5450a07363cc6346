import type { Pool } from '../../src/database/database.ts';
import type { ToldPayment } from '../../src/payments/payment-events.ts';

export async function selectOpenPayments(pool: Pool): Promise<ToldPayment[]> {
  const { rows } = await pool.query(`
    select id as "paymentId", user_id as "userId", wallet_id as "walletId", type, amount as "amountMinor",
           fee as "feeMinor", currency, wallet_pays_fee as "walletPaysFee", redrive_of as "redriveOf", refund_of as "refundOf"
    from payments
    where status = 'new'`);
  return rows;
}
