import { z } from 'zod';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId } from '../../describe/fields.ts';

export const depositAcceptedSchema = z
  .object({
    payment_id: answeredId,
    user_id: answeredId,
    status: z.literal('processing'),
    ...amountFields({ deposit: undefined }),
  })
  .meta({ id: 'DepositAccepted' });

export const withdrawalAcceptedSchema = z
  .object({
    payment_id: answeredId,
    user_id: answeredId,
    status: z.literal('processing'),
    ...amountFields({ withdraw: undefined }),
  })
  .meta({ id: 'WithdrawalAccepted' });

export const refundAcceptedSchema = z
  .object({
    payment_id: answeredId,
    user_id: answeredId,
    status: z.literal('processing'),
    ...amountFields({ refund: undefined }),
    refund_of: answeredId,
  })
  .meta({ id: 'RefundAccepted' });
