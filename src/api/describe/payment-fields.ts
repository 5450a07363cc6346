import { z } from 'zod';
import { EVIDENCE_SOURCES } from '../../payments/evidence/evidence.ts';
import { PAYMENT_TYPES } from '../../payments/kinds/payment-kinds.ts';
import { amountFields } from './amounts.ts';
import { answeredId, timeField } from './fields.ts';

export const paymentTypeSchema = z.enum(PAYMENT_TYPES);

/** What was asked for, and what it costs besides. */
export const amountAndFeeFields = amountFields({
  amount: undefined,
  commission: "The fee; for a refund, the part of the deposit's fee that it gives back.",
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
        description: 'Recorded evidence that the money of a payment moved.',
      }),
  )
  .nullable()
  .meta({ description: 'The evidence that the money moved, if somebody overrode it.' });
