import { z } from 'zod';
import { EVIDENCE_SOURCES } from '../../payments/evidence/evidence.ts';
import { PAYMENT_TYPES } from '../../payments/kinds/payment-kinds.ts';
import { amountFields } from './amounts.ts';
import { answeredId, timeField } from './fields.ts';

export const paymentTypeSchema = z.enum(PAYMENT_TYPES);

/** What was asked for, and what it costs besides. */
export const amountAndFeeFields = amountFields({
  amount: undefined,
  commission: 'The fee; of a refund, what it gives back of the fee of its deposit.',
});

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
        description: 'Something recorded that says that the money of a payment moved.',
      }),
  )
  .nullable()
  .meta({ description: 'What said that the money had moved, where somebody overrode it.' });
