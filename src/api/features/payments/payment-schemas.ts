import { z } from 'zod';
import { ATTEMPT_OUTCOMES, PAYMENT_STATUSES, TRANSACTION_STATUSES } from '../../../payments/payment.ts';
import { INQUIRY_WORDS } from '../../../queue/task.ts';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { amountAndFeeFields, paymentTypeSchema } from '../../describe/payment-fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

export const paymentStatusSchema = z.enum(PAYMENT_STATUSES);

export const paymentSchema = z
  .object({
    payment_id: answeredId,
    user_id: answeredId,
    wallet_id: answeredId,
    type: paymentTypeSchema,
    ...amountAndFeeFields,
    ...amountFields({
      gateway_amount:
        'What the gateway is asked to move: the amount, and what the other side of it pays of the fee.',
    }),
    currency: z.string(),
    status: paymentStatusSchema.meta({
      description:
        'processing: accepted, and in the queue or with a worker. unknown: the money may have moved, and the gateway is asked again and again. success, failed: final.',
    }),
    attempts: z.int().meta({ description: 'Attempts that have ended.' }),
    last_error: z.string().nullable(),
    transaction_status: z.enum(TRANSACTION_STATUSES).meta({
      description: 'The state of the ledger: nothing written, funds held, posted, or the hold released.',
    }),
    gateway_reference: z.string().nullable(),
    needs_review: z.boolean().meta({
      description: 'Whether the outcome has been unknown for so long that a person must find out.',
    }),
    redrive_of: answeredId
      .nullable()
      .meta({ description: 'The failed payment that was redriven as this payment.' }),
    refund_of: answeredId.nullable().meta({ description: 'The deposit that this refund gives back.' }),
    refund_reason: z.string().nullable(),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'Payment' });

export const paymentExample = {
  payment_id: 1,
  user_id: 1,
  wallet_id: 7,
  type: 'deposit',
  amount: 200,
  amount_minor: '20000',
  commission: 4,
  commission_minor: '400',
  fee_payer: 'recipient',
  gateway_amount: 200,
  gateway_amount_minor: '20000',
  currency: 'USD',
  status: 'success',
  attempts: 1,
  last_error: null,
  transaction_status: 'posted',
  gateway_reference: 'gw-1',
  needs_review: false,
  redrive_of: null,
  refund_of: null,
  refund_reason: null,
  created_at: '2026-01-01T12:00:00.000Z',
  updated_at: '2026-01-01T12:00:00.120Z',
};

export const paymentListSchema = z
  .object({
    items: z.array(paymentSchema),
    next_cursor: nextCursorField('payments'),
  })
  .meta({ id: 'PaymentList' });

export const attemptSchema = z
  .object({
    attempt: z.int(),
    worker: z.string(),
    started_at: timeField,
    finished_at: timeField.nullable(),
    outcome: z.enum(ATTEMPT_OUTCOMES).nullable().meta({
      description:
        'null: the call may be in progress. abandoned: the worker was lost, or a callback ended the payment before the answer arrived.',
    }),
    inquiry: z.enum(INQUIRY_WORDS).nullable(),
    http_status: z.int().nullable(),
    error_class: z.string().nullable(),
    error: z.string().nullable(),
    latency_ms: z.int().nullable(),
  })
  .meta({ id: 'Attempt' });

export const attemptExample = {
  attempt: 1,
  worker: 'host-1-abc',
  started_at: '2026-01-01T12:00:00.010Z',
  finished_at: '2026-01-01T12:00:00.120Z',
  outcome: 'succeeded',
  inquiry: null,
  http_status: 200,
  error_class: null,
  error: null,
  latency_ms: 105,
};

export const attemptListSchema = z.object({ items: z.array(attemptSchema) }).meta({ id: 'AttemptList' });
