import { z } from 'zod';

const id = z.int().positive();
const amount = z.number();
const time = z.string().meta({ format: 'date-time' });

export const userSchema = z
  .object({
    id,
    balance: amount.meta({ description: 'What the ledger has posted.' }),
    available: amount.meta({ description: 'The balance less what withdrawals under way hold.' }),
    pending_out: amount.meta({ description: 'What withdrawals under way hold, with their fees.' }),
    pending_in: amount.meta({ description: 'What deposits under way will add, after their fees.' }),
    currency: z.string(),
    created_at: time,
  })
  .meta({ id: 'User' });

export const depositAcceptedSchema = z
  .object({ payment_id: id, user_id: id, status: z.literal('processing'), deposit: amount })
  .meta({ id: 'DepositAccepted' });

export const withdrawalAcceptedSchema = z
  .object({ payment_id: id, user_id: id, status: z.literal('processing'), withdraw: amount })
  .meta({ id: 'WithdrawalAccepted' });

export const paymentStatusSchema = z.enum(['new', 'processing', 'success', 'failed', 'unknown']);
export const paymentTypeSchema = z.enum(['deposit', 'withdraw']);

export const paymentSchema = z
  .object({
    payment_id: id,
    user_id: id,
    type: paymentTypeSchema,
    amount,
    commission: amount,
    currency: z.string(),
    status: paymentStatusSchema.meta({
      description:
        'new: accepted. processing: with a worker, or waiting for its next attempt. unknown: the money may have moved and the gateway is asked on. success, failed: final.',
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
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Payment' });

export const paymentListSchema = z
  .object({
    items: z.array(paymentSchema),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Give it as `cursor` for the next page; null on the last one.' }),
  })
  .meta({ id: 'PaymentList' });

export const attemptListSchema = z
  .object({
    items: z.array(
      z
        .object({
          attempt: z.int(),
          worker: z.string(),
          started_at: time,
          finished_at: time.nullable(),
          outcome: z
            .enum(['succeeded', 'refused', 'not_executed', 'unknown', 'not_sent', 'abandoned'])
            .nullable()
            .meta({ description: 'null while the call may be under way; abandoned: the worker was lost.' }),
          inquiry: z.enum(['succeeded', 'refused', 'not_found', 'unknown']).nullable(),
          http_status: z.int().nullable(),
          error_class: z.string().nullable(),
          error: z.string().nullable(),
          latency_ms: z.int().nullable(),
        })
        .meta({ id: 'Attempt' }),
    ),
  })
  .meta({ id: 'AttemptList' });

export const deadLetterSchema = z
  .object({
    id,
    payment_id: id,
    user_id: id,
    amount,
    commission: amount,
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
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterListSchema = z
  .object({ items: z.array(deadLetterSchema), limit: z.int(), offset: z.int() })
  .meta({ id: 'DeadLetterList' });

export const callbackTakenSchema = z
  .object({ event_id: z.string(), result: z.enum(['stored', 'duplicate']) })
  .meta({ id: 'CallbackTaken' });

export const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded']),
    database: z.enum(['ok', 'unreachable']),
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
