import { z } from 'zod';
import { EVIDENCE_SOURCES } from '../../../payments/evidence/evidence.ts';
import { PAYMENT_TYPES } from '../../../payments/kinds/payment-kinds.ts';
import { DIFFERENCE_KINDS, DIFFERENCE_SOURCES } from '../../../reconciliation/difference.ts';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId } from '../../describe/fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

const id = answeredId;
const amountAndFee = amountFields({
  amount: undefined,
  commission: 'The fee; of a refund, what it gives back of the fee of its deposit.',
});
const time = z.string().meta({ format: 'date-time' });

export const userSchema = z
  .object({
    id,
    ...amountFields({
      balance: 'What the ledger has posted.',
      available: 'The balance less what withdrawals and refunds under way hold.',
      pending_out: 'What withdrawals and refunds under way hold, with their fees.',
      pending_in: 'What deposits under way will add, after their fees.',
    }),
    currency: z.string(),
    created_at: time,
  })
  .meta({ id: 'User' });

export const statementSchema = z
  .object({
    items: z.array(
      z.object({
        transaction_id: z.int(),
        at: time,
        reference: z.string(),
        step: z.string(),
        payment_id: id.nullable(),
        ...amountFields({
          amount: 'What the wallet got; negative: what it gave, with the fee.',
          balance_after: undefined,
        }),
      }),
    ),
    next_cursor: nextCursorField('statement'),
  })
  .meta({ id: 'Statement' });

export const depositAcceptedSchema = z
  .object({
    payment_id: id,
    user_id: id,
    status: z.literal('processing'),
    ...amountFields({ deposit: undefined }),
  })
  .meta({ id: 'DepositAccepted' });

export const withdrawalAcceptedSchema = z
  .object({
    payment_id: id,
    user_id: id,
    status: z.literal('processing'),
    ...amountFields({ withdraw: undefined }),
  })
  .meta({ id: 'WithdrawalAccepted' });

export const refundAcceptedSchema = z
  .object({
    payment_id: id,
    user_id: id,
    status: z.literal('processing'),
    ...amountFields({ refund: undefined }),
    refund_of: id,
  })
  .meta({ id: 'RefundAccepted' });

export const paymentStatusSchema = z.enum(['processing', 'success', 'failed', 'unknown']);
export const paymentTypeSchema = z.enum(PAYMENT_TYPES);

export const paymentSchema = z
  .object({
    payment_id: id,
    user_id: id,
    type: paymentTypeSchema,
    ...amountAndFee,
    currency: z.string(),
    status: paymentStatusSchema.meta({
      description:
        'processing: accepted, and in the queue or with a worker. unknown: the money may have moved and the gateway is asked on. success, failed: final.',
    }),
    attempts: z.int().meta({ description: 'Attempts that have ended.' }),
    last_error: z.string().nullable(),
    transaction_status: z.enum(['none', 'held', 'posted', 'voided']).meta({
      description: 'Where the ledger stands: nothing written, funds held, posted, or the hold released.',
    }),
    gateway_reference: z.string().nullable(),
    needs_review: z.boolean().meta({
      description: 'Whether its outcome has been unknown for so long that a person has to look.',
    }),
    redrive_of: id
      .nullable()
      .meta({ description: 'The failed payment that an operator made this one from.' }),
    refund_of: id.nullable().meta({ description: 'The deposit that a refund gives back.' }),
    refund_reason: z.string().nullable(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Payment' });

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
    started_at: time,
    finished_at: time.nullable(),
    outcome: z
      .enum(['succeeded', 'refused', 'not_executed', 'unknown', 'not_sent', 'abandoned'])
      .nullable()
      .meta({
        description:
          'null while the call may be under way; abandoned: the worker was lost, or a callback ended the payment before the answer came.',
      }),
    inquiry: z.enum(['succeeded', 'refused', 'not_found', 'unknown']).nullable(),
    http_status: z.int().nullable(),
    error_class: z.string().nullable(),
    error: z.string().nullable(),
    latency_ms: z.int().nullable(),
  })
  .meta({ id: 'Attempt' });

export const attemptListSchema = z.object({ items: z.array(attemptSchema) }).meta({ id: 'AttemptList' });

export const evidenceListSchema = z
  .array(
    z
      .object({
        source: z.enum(EVIDENCE_SOURCES),
        payment_id: id,
        what: z.string(),
        when: time,
      })
      .meta({
        id: 'Evidence',
        description: 'Something recorded that says that the money of a payment moved.',
      }),
  )
  .nullable()
  .meta({ description: 'What said that the money had moved, where somebody overrode it.' });

export const deadLetterSchema = z
  .object({
    id,
    payment_id: id,
    user_id: id,
    ...amountAndFee,
    currency: z.string(),
    payment_type: paymentTypeSchema,
    reason: z.enum(['refused', 'attempts_exhausted', 'outcome_unknown', 'poison']),
    error: z.string().nullable(),
    attempts: z.int(),
    created_at: time,
    action: z.enum(['redriven', 'discarded', 'resolved']).nullable(),
    action_at: time.nullable(),
    action_by: z.string().nullable(),
    action_reason: z.string().nullable(),
    redriven_payment_id: id.nullable(),
    overridden_evidence: evidenceListSchema,
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterListSchema = z
  .object({ items: z.array(deadLetterSchema), next_cursor: nextCursorField('dead_letters') })
  .meta({ id: 'DeadLetterList' });

const inquiryFields = {
  unknown_since: time,
  asked_count: z.int().meta({ description: 'How often the gateway was asked.' }),
  not_found_count: z.int().meta({
    description:
      'How often it said, long enough after the last call for it to count, that it does not know the payment.',
  }),
  last_answer: z.string().nullable(),
  next_ask_at: time,
  needs_review_at: time.nullable().meta({ description: 'Since when a person has to look.' }),
};
export const inquirySchema = z.object(inquiryFields).meta({ id: 'Inquiry' });

export const unknownPaymentListSchema = z
  .object({
    items: z.array(
      z
        .object({
          payment: paymentSchema,
          ...inquiryFields,
          attempts: z.object({
            count: z.int(),
            unknown_count: z.int().meta({ description: 'Attempts that may have moved the money.' }),
            succeeded_count: z
              .int()
              .meta({ description: 'Attempts that were answered with success, too late to settle.' }),
            first_started_at: time.nullable(),
            last_started_at: time.nullable(),
            last_outcome: z.string().nullable(),
            last_error_class: z.string().nullable(),
            last_error: z.string().nullable(),
          }),
        })
        .meta({ id: 'UnknownPayment' }),
    ),
    next_cursor: nextCursorField('unknown_payments'),
  })
  .meta({ id: 'UnknownPaymentList' });

const statement = z.record(z.string(), z.unknown()).nullable();
export const exceptionSchema = z
  .object({
    id,
    payment_id: id.nullable(),
    reference: z.string().nullable(),
    kind: z.enum(DIFFERENCE_KINDS),
    source: z.enum(DIFFERENCE_SOURCES).meta({ description: 'Where the word of the other side came from.' }),
    ours: statement.meta({ description: 'What is recorded here.' }),
    theirs: statement.meta({ description: 'What the gateway says.' }),
    created_at: time,
    last_seen_at: time,
    seen_count: z.int(),
    closed_at: time.nullable(),
    closed_by: z.string().nullable(),
    closed_reason: z.string().nullable(),
  })
  .meta({ id: 'ReconciliationException' });

export const exceptionListSchema = z
  .object({ items: z.array(exceptionSchema), next_cursor: nextCursorField('exceptions') })
  .meta({ id: 'ReconciliationExceptionList' });

export const callbackTakenSchema = z
  .object({ event_id: z.string(), result: z.enum(['stored', 'duplicate']) })
  .meta({ id: 'CallbackTaken' });

export const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded']),
    database: z.enum(['ok', 'unreachable', 'read_only', 'other_server']),
    integrity: z.enum(['ok', 'violated']),
    money_moves: z.boolean().meta({ description: 'Whether payments are accepted and carried out.' }),
    standing_violations: z
      .int()
      .meta({ description: 'Violations of the ledger that stand and that nobody has acknowledged.' }),
    reason: z.string().optional().meta({ description: 'Why it is degraded.' }),
    version: z.string(),
    uptime_seconds: z.int(),
  })
  .meta({ id: 'Health' });

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    retry: z.enum(['same-key', 'new-key', 'never']).optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .catchall(z.unknown())
  .meta({ id: 'Problem', description: 'A problem document (RFC 9457).' });
