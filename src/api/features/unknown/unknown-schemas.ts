import { z } from 'zod';
import { timeField } from '../../describe/fields.ts';
import { nextCursorField } from '../../server/cursor.ts';
import { paymentExample, paymentSchema } from '../payments/payment-schemas.ts';

const inquiryFields = {
  unknown_since: timeField,
  asked_count: z.int().meta({ description: 'How often the gateway was asked.' }),
  not_found_count: z.int().meta({
    description:
      'How often the gateway said that it does not know the payment, long enough after the last call for that to count.',
  }),
  last_answer: z.string().nullable(),
  next_ask_at: timeField,
  needs_review_at: timeField.nullable().meta({ description: 'Since when the payment has needed a person.' }),
};

export const inquirySchema = z.object(inquiryFields).meta({ id: 'Inquiry' });

export const unknownPaymentListSchema = z
  .object({
    items: z.array(
      z
        .object({
          payment: paymentSchema,
          gateway: z
            .string()
            .meta({ description: 'Who is asked; `default`: the gateway of PAYMENT_GATEWAY_URL.' }),
          ...inquiryFields,
          attempts: z.object({
            count: z.int(),
            unknown_count: z.int().meta({ description: 'Attempts that may have moved the money.' }),
            succeeded_count: z.int().meta({
              description: 'Attempts whose answer was success, but too late to settle the payment.',
            }),
            first_started_at: timeField.nullable(),
            last_started_at: timeField.nullable(),
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

const inquiryExample = {
  unknown_since: '2026-01-01T12:00:05.000Z',
  asked_count: 4,
  not_found_count: 0,
  last_answer: 'HTTP 502',
  next_ask_at: '2026-01-01T13:00:00.000Z',
  needs_review_at: null,
};

export const unknownPaymentExample = {
  payment: {
    ...paymentExample,
    status: 'unknown',
    attempts: 3,
    last_error: 'HTTP 502',
    transaction_status: 'none',
    gateway_reference: null,
  },
  gateway: 'default',
  ...inquiryExample,
  attempts: {
    count: 3,
    unknown_count: 3,
    succeeded_count: 0,
    first_started_at: '2026-01-01T12:00:00.010Z',
    last_started_at: '2026-01-01T12:00:04.010Z',
    last_outcome: 'unknown',
    last_error_class: 'http_5xx',
    last_error: 'HTTP 502',
  },
};
