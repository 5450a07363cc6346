import { z } from 'zod';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { feePayerSchema } from '../../describe/payment-fields.ts';

export const transferSchema = z
  .object({
    transfer_id: answeredId,
    user_id: answeredId.meta({ description: 'Of the wallet that gave it.' }),
    from_wallet_id: answeredId,
    to_wallet_id: answeredId,
    ...amountFields({ amount: 'What was asked for.', commission: 'The fee.' }),
    fee_payer: feePayerSchema,
    currency: z.string(),
    created_at: timeField,
  })
  .meta({ id: 'Transfer', description: 'Money that went from one wallet to another; it is final.' });

export const transferExample = {
  transfer_id: 1,
  user_id: 1,
  from_wallet_id: 7,
  to_wallet_id: 15,
  amount: 30,
  amount_minor: '3000',
  commission: 0,
  commission_minor: '0',
  fee_payer: 'sender',
  currency: 'USD',
  created_at: '2026-01-01T12:00:00.000Z',
};
