import { DEAD_LETTER_REASONS } from '../../dead-letters/letters/dead-letter-reasons.ts';
import {
  Counter,
  Histogram,
  PAYMENT_AGE_BUCKETS_SECONDS,
  type Registry,
  startAtZero,
} from '../../telemetry/metrics.ts';
import { PAYMENT_TYPES, type PaymentType } from '../kinds/payment-kinds.ts';

/** A payment whose money has moved, in minor units. */
export interface SettledPayment {
  readonly type: PaymentType;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly currency: string;
  readonly createdAt: Date;
}

/**
 * Counts how payments end, by any way: a worker's attempt, a callback, an answer to an inquiry, or an operator. Each is counted once, by
 * the process whose transaction committed.
 */
export function createOutcomeMetrics(registry: Registry) {
  const registers = [registry];
  const settled = new Counter({
    name: 'tollgate_payments_settled_total',
    help: 'Payments that the gateway carried out and the ledger posted.',
    labelNames: ['type'],
    registers,
  });
  const settledAmount = new Counter({
    name: 'tollgate_settled_amount_minor_units_total',
    help: 'Money that passed the gateway, in minor units, without fees: deposit is money in, withdraw and refund are money out.',
    labelNames: ['type', 'currency'],
    registers,
  });
  const feeIncome = new Counter({
    name: 'tollgate_fee_income_minor_units_total',
    help: 'Fees of settled payments, in minor units.',
    labelNames: ['type', 'currency'],
    registers,
  });
  const age = new Histogram({
    name: 'tollgate_payment_accept_to_settle_seconds',
    help: 'Time from the acceptance of a payment to its settlement.',
    labelNames: ['type'],
    buckets: PAYMENT_AGE_BUCKETS_SECONDS,
    registers,
  });
  const failed = new Counter({
    name: 'tollgate_payments_failed_total',
    help: 'Payments that failed for good.',
    labelNames: ['type', 'reason'],
    registers,
  });
  const unknown = new Counter({
    name: 'tollgate_payments_unknown_total',
    help: 'Payments that left the queue with an unknown outcome.',
    labelNames: ['type'],
    registers,
  });
  const deadLettered = new Counter({
    name: 'tollgate_dead_letters_total',
    help: 'Dead letters written.',
    labelNames: ['reason'],
    registers,
  });
  startAtZero(settled, { type: PAYMENT_TYPES });
  startAtZero(failed, { type: PAYMENT_TYPES, reason: ['refused', 'attempts_exhausted'] });
  startAtZero(unknown, { type: PAYMENT_TYPES });
  startAtZero(deadLettered, { reason: DEAD_LETTER_REASONS });
  for (const type of PAYMENT_TYPES) age.zero({ type });

  return {
    settled({ type, amountMinor, feeMinor, currency, createdAt }: SettledPayment): void {
      settled.inc({ type });
      // Metrics are floats: a chart may round beyond 2^53, but the ledger does not.
      settledAmount.inc({ type, currency }, Number(amountMinor));
      feeIncome.inc({ type, currency }, Number(feeMinor));
      age.observe({ type }, Math.max(0, Date.now() - createdAt.getTime()) / 1000);
    },
    failed(type: PaymentType, reason: string): void {
      failed.inc({ type, reason });
    },
    unknown(type: PaymentType): void {
      unknown.inc({ type });
    },
    deadLettered(reason: string, count = 1): void {
      deadLettered.inc({ reason }, count);
    },
  };
}

export type OutcomeMetrics = ReturnType<typeof createOutcomeMetrics>;
