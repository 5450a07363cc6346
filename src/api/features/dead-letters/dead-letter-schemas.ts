import { z } from 'zod';
import { LETTER_ACTIONS } from '../../../dead-letters/dead-letter.ts';
import { DEAD_LETTER_REASONS } from '../../../dead-letters/letters/dead-letter-reasons.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { amountAndFeeFields, evidenceListSchema, paymentTypeSchema } from '../../describe/payment-fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

export const deadLetterSchema = z
  .object({
    id: answeredId,
    payment_id: answeredId,
    user_id: answeredId,
    ...amountAndFeeFields,
    currency: z.string(),
    payment_type: paymentTypeSchema,
    reason: z.enum(DEAD_LETTER_REASONS),
    error: z.string().nullable(),
    attempts: z.int(),
    created_at: timeField,
    action: z.enum(LETTER_ACTIONS).nullable(),
    action_at: timeField.nullable(),
    action_by: z.string().nullable(),
    action_reason: z.string().nullable(),
    redriven_payment_id: answeredId.nullable(),
    overridden_evidence: evidenceListSchema,
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterExample = {
  id: 1,
  payment_id: 2,
  user_id: 1,
  amount: 50,
  amount_minor: '5000',
  commission: 1,
  commission_minor: '100',
  fee_payer: 'sender',
  currency: 'USD',
  payment_type: 'withdraw',
  reason: 'attempts_exhausted',
  error: 'HTTP 429: too many calls',
  attempts: 3,
  created_at: '2026-01-01T12:00:05.000Z',
  action: null,
  action_at: null,
  action_by: null,
  action_reason: null,
  redriven_payment_id: null,
  overridden_evidence: null,
};

export const deadLetterListSchema = z
  .object({ items: z.array(deadLetterSchema), next_cursor: nextCursorField('dead_letters') })
  .meta({ id: 'DeadLetterList' });
