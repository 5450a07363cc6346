import type { ProblemCode } from '../problems/problem-catalogue.ts';
import type { DescribedHeader } from '../server/operation.ts';

export const LOCATION: DescribedHeader = {
  description: 'The address of what was made.',
  example: '/api/v1/payments/1',
};
export const REPLAYED: DescribedHeader = {
  description: '`true` when the key was used before and this is its stored answer.',
  example: 'true',
  isOptional: true,
};

/** What a key can be answered with. */
export const IDEMPOTENCY_PROBLEMS: readonly ProblemCode[] = [
  'idempotency-key-malformed',
  'idempotency-key-reused',
  'idempotency-key-in-use',
  'idempotency-key-expired',
];

export const userExample = {
  id: 1,
  balance: 1000,
  balance_minor: '100000',
  available: 949,
  available_minor: '94900',
  pending_out: 51,
  pending_out_minor: '5100',
  pending_in: 196,
  pending_in_minor: '19600',
  currency: 'USD',
  created_at: '2026-01-01T12:00:00.000Z',
};

export const paymentExample = {
  payment_id: 1,
  user_id: 1,
  type: 'deposit',
  amount: 200,
  amount_minor: '20000',
  commission: 4,
  commission_minor: '400',
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

export const deadLetterExample = {
  id: 1,
  payment_id: 2,
  user_id: 1,
  amount: 50,
  amount_minor: '5000',
  commission: 1,
  commission_minor: '100',
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

export const inquiryExample = {
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

export const exceptionExample = {
  id: 1,
  payment_id: 2,
  reference: '2-9f1c3a5b7d20',
  kind: 'status_contradiction',
  source: 'callback',
  ours: { status: 'failed', amount: '50', currency: 'USD', gateway_reference: null },
  theirs: { status: 'succeeded', amount: '50', currency: 'USD', gateway_reference: 'gw-2' },
  created_at: '2026-01-01T12:00:05.000Z',
  last_seen_at: '2026-01-01T12:00:05.000Z',
  seen_count: 1,
  closed_at: null,
  closed_by: null,
  closed_reason: null,
};
