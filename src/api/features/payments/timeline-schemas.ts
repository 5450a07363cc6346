import { z } from 'zod';
import { ACCOUNT_KINDS } from '../../../ledger/system-accounts.ts';
import { EVENT_RESULTS, EVENT_STATUSES } from '../../../payments/callbacks/gateway-event.ts';
import { RESOLUTION_OUTCOMES } from '../../../payments/unknown/resolution-outcome.ts';
import { INQUIRY_WORDS } from '../../../queue/task.ts';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { evidenceListSchema } from '../../describe/payment-fields.ts';
import { deadLetterSchema } from '../dead-letters/dead-letter-schemas.ts';
import { differenceSchema } from '../reconciliation/difference-schemas.ts';
import { inquirySchema } from '../unknown/unknown-schemas.ts';
import { attemptSchema } from './payment-schemas.ts';

const item = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.object({ at: timeField, kind: z.literal(kind), ...shape });

const transactionSchema = z.object({
  transaction_id: z.int(),
  step: z.string().meta({ description: 'The step that was posted: settle.' }),
  entries: z.array(
    z.object({
      account: z.enum(ACCOUNT_KINDS),
      account_id: z.int(),
      ...amountFields({ amount: 'Credit-positive: what the account gained.' }),
    }),
  ),
});

const holdSchema = z.object(
  amountFields({
    amount: 'What a withdrawal holds in its wallet until its outcome is known, including its fee.',
  }),
);

const callbackSchema = z.object({
  event_id: z.string(),
  status: z.enum(EVENT_STATUSES),
  amount: z.string(),
  currency: z.string(),
  gateway_reference: z.string().nullable(),
  message: z.string().nullable(),
  delivery_count: z.int(),
  processed_at: timeField.nullable(),
  result: z.enum(EVENT_RESULTS).nullable().meta({
    description:
      'concluded: the callback ended the payment. matched: the payment had already ended that way.',
  }),
});

export const timelineSchema = z
  .object({
    payment_id: answeredId,
    currency: z.string(),
    gateway: z
      .string()
      .meta({ description: 'The gateway that the payment goes to; `default`: that of PAYMENT_GATEWAY_URL.' }),
    inquiry: inquirySchema
      .nullable()
      .meta({ description: 'The state of the inquiry, while the gateway is still asked.' }),
    items: z
      .array(
        z.discriminatedUnion('kind', [
          item('accepted', {}),
          item('held', { hold: holdSchema }),
          item('released', { hold: holdSchema }),
          item('ledger', { transaction: transactionSchema }),
          item('attempt', { attempt: attemptSchema }),
          item('inquiry', {
            inquiry: z.object({
              asked_count: z.int(),
              answer: z.enum(INQUIRY_WORDS),
              detail: z.string().nullable(),
            }),
          }),
          item('callback', { callback: callbackSchema }),
          item('needs_review', {}),
          item('resolution', {
            resolution: z.object({
              outcome: z.enum(RESOLUTION_OUTCOMES),
              by: z.string(),
              reason: z.string(),
              evidence: z.string(),
              gateway_reference: z.string().nullable(),
              overridden_evidence: evidenceListSchema,
            }),
          }),
          item('dead_letter', { dead_letter: deadLetterSchema }),
          item('dead_letter_closed', { dead_letter: deadLetterSchema }),
          item('exception', { exception: differenceSchema }),
          item('exception_closed', { exception: differenceSchema }),
        ]),
      )
      .meta({ description: 'What happened to the payment, oldest first.' }),
  })
  .meta({ id: 'Timeline' });
