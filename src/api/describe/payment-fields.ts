import { z } from 'zod';
import { FEE_PAYERS } from '../../fees/fee.ts';
import { EVIDENCE_SOURCES } from '../../payments/evidence/evidence.ts';
import { PAYMENT_TYPES } from '../../payments/kinds/payment-kinds.ts';
import { amountFields } from './amounts.ts';
import { answeredId, timeField } from './fields.ts';

export const paymentTypeSchema = z.enum(PAYMENT_TYPES);

export const feePayerSchema = z.enum(FEE_PAYERS).meta({
  description:
    'Who pays the fee: the sender on top of the amount, or the recipient out of it. Of a refund: who had paid the fee of its deposit.',
});

/** What was asked for, what it costs, and who pays that. */
export const amountAndFeeFields = {
  ...amountFields({
    amount: 'What was asked for.',
    commission: "The fee; for a refund, the part of the deposit's fee that it gives back.",
  }),
  fee_payer: feePayerSchema,
};

export const evidenceListSchema = z
  .array(
    z
      .object({
        source: z.enum(EVIDENCE_SOURCES),
        payment_id: answeredId,
        what: z.string(),
        when: timeField,
      })
      .meta({
        id: 'Evidence',
        description: 'Recorded evidence that the money of a payment moved.',
      }),
  )
  .nullable()
  .meta({ description: 'The evidence that the money moved, if somebody overrode it.' });
