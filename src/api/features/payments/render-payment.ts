import { feePayerOf } from '../../../payments/kinds/payment-kinds.ts';
import type { Payment, PaymentAttempt } from '../../../payments/payment.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { idOrNull } from '../../describe/render-id.ts';

export function renderPayment(payment: Payment) {
  return {
    payment_id: Number(payment.paymentId),
    user_id: Number(payment.userId),
    wallet_id: Number(payment.walletId),
    type: payment.type,
    ...renderAmounts({ amount: payment.amountMinor, commission: payment.feeMinor }, payment.currency),
    fee_payer: feePayerOf(payment),
    ...renderAmounts({ gateway_amount: payment.gatewayAmountMinor }, payment.currency),
    currency: payment.currency,
    status: payment.status,
    attempts: payment.attempts,
    last_error: payment.lastError,
    transaction_status: payment.transactionStatus,
    gateway_reference: payment.gatewayReference,
    needs_review: payment.needsReview,
    redrive_of: idOrNull(payment.redriveOf),
    refund_of: idOrNull(payment.refundOf),
    refund_reason: payment.refundReason,
    created_at: payment.createdAt.toISOString(),
    updated_at: payment.updatedAt.toISOString(),
  };
}

export function renderAttempt(attempt: PaymentAttempt) {
  return {
    attempt: attempt.attempt,
    worker: attempt.worker,
    started_at: attempt.startedAt.toISOString(),
    finished_at: attempt.finishedAt?.toISOString() ?? null,
    outcome: attempt.outcome,
    inquiry: attempt.inquiry,
    http_status: attempt.httpStatus,
    error_class: attempt.errorClass,
    error: attempt.error,
    latency_ms: attempt.latencyMs,
  };
}
