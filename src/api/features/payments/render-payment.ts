import type { DeadLetter } from '../../../dead-letters/dead-letter.ts';
import type { StoredResponse } from '../../../idempotency/used-key.ts';
import { formatAmount } from '../../../money/decimal-amount.ts';
import type { AcceptanceDecision, PaymentRequest } from '../../../payments/accept/acceptance.ts';
import { kindOf } from '../../../payments/kinds/payment-kinds.ts';
import type { Payment, PaymentAttempt } from '../../../payments/payment.ts';
import type { StatementLine } from '../../../wallets/read-statement.sql.ts';
import type { User } from '../../../wallets/user.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { Problem, renderProblem } from '../../problems/problem.ts';

export function paymentPath(paymentId: bigint): string {
  return `/api/v1/payments/${paymentId}`;
}

/** Where refunds of a deposit are asked for. */
export function refundsPath(depositId: bigint | string): string {
  return `/api/v1/payments/${depositId}/refunds`;
}

export function bulkRedrivePath(id: bigint): string {
  return `/api/v1/bulk-redrives/${id}`;
}

export function userPath(userId: bigint): string {
  return `/api/v1/users/${userId}`;
}

/** The answer to a request for a payment, as it is given now and on every replay. */
export function renderAcceptance(decision: AcceptanceDecision): StoredResponse {
  const { request, paymentId } = decision;
  const { type, currency } = request;
  if (decision.kind === 'accepted') {
    const amounts = renderAmounts({ [type]: request.amountMinor }, currency);
    const body = { payment_id: Number(paymentId), user_id: Number(request.userId), status: 'processing' };
    const source = request.refund ? { refund_of: Number(request.refund.depositId) } : {};
    return { status: 202, body: JSON.stringify({ ...body, ...amounts, ...source }) };
  }
  if (decision.kind === 'refund_exceeds_deposit') return renderRefusedRefund(decision);
  const available = formatAmount(decision.availableMinor, currency);
  const needed = formatAmount(decision.neededMinor, currency);
  const withFee = decision.neededMinor > request.amountMinor ? ' with its fee' : '';
  const problem = new Problem('insufficient-funds', {
    detail: `The ${kindOf(type).noun} needs ${needed} ${currency}${withFee}, and ${available} ${currency} is available.`,
    errors: [
      { field: 'amount', message: `must not need more than the ${available} ${currency} that is available` },
    ],
    extensions: {
      ...renderAmounts({ available: decision.availableMinor, needed: decision.neededMinor }, currency),
      currency,
      payment_id: Number(paymentId),
    },
  });
  return { status: problem.status, body: renderProblem(problem, askedPath(request)) };
}

function renderRefusedRefund({
  paymentId,
  request,
  leftMinor,
}: Extract<AcceptanceDecision, { kind: 'refund_exceeds_deposit' }>): StoredResponse {
  const { currency } = request;
  const left = `${formatAmount(leftMinor, currency)} ${currency}`;
  const problem = new Problem('refund-exceeds-deposit', {
    detail: `Of payment ${paymentId}, ${left} can still be refunded. Nothing was done.`,
    errors: [{ field: 'amount', message: `must not be more than the ${left} that is left of the deposit` }],
    extensions: { ...renderAmounts({ left: leftMinor }, currency), currency, payment_id: Number(paymentId) },
  });
  return { status: problem.status, body: renderProblem(problem, askedPath(request)) };
}

/** Where a payment was asked for. */
function askedPath({ type, refund }: PaymentRequest): string {
  return refund ? refundsPath(refund.depositId) : `/api/v1/payments/${type}`;
}

/** The answer to a request for a user, as it is given now and on every replay. */
export function renderCreatedUser(user: User): StoredResponse {
  return { status: 201, body: JSON.stringify(renderUser(user)) };
}

export function renderUser(user: User) {
  return {
    id: Number(user.userId),
    ...renderAmounts(
      {
        balance: user.postedMinor,
        available: user.postedMinor - user.heldMinor,
        pending_out: user.heldMinor,
        pending_in: user.pendingInMinor,
      },
      user.currency,
    ),
    currency: user.currency,
    created_at: user.createdAt.toISOString(),
  };
}

export function renderStatementLine(line: StatementLine, currency: string) {
  const paymentId = /^payment:(\d+)$/.exec(line.reference)?.[1];
  return {
    transaction_id: Number(line.transactionId),
    at: line.at.toISOString(),
    reference: line.reference,
    step: line.step,
    payment_id: paymentId === undefined ? null : Number(paymentId),
    ...renderAmounts({ amount: line.amountMinor, balance_after: line.balanceAfterMinor }, currency),
  };
}

export function renderPayment(payment: Payment) {
  return {
    payment_id: Number(payment.paymentId),
    user_id: Number(payment.userId),
    type: payment.type,
    ...renderAmounts({ amount: payment.amountMinor, commission: payment.feeMinor }, payment.currency),
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

export function renderDeadLetter(letter: DeadLetter) {
  return {
    id: Number(letter.id),
    payment_id: Number(letter.paymentId),
    user_id: Number(letter.userId),
    ...renderAmounts({ amount: letter.amountMinor, commission: letter.feeMinor }, letter.currency),
    currency: letter.currency,
    payment_type: letter.type,
    reason: letter.reason,
    error: letter.error,
    attempts: letter.attempts,
    created_at: letter.createdAt.toISOString(),
    action: letter.action,
    action_at: letter.actionAt?.toISOString() ?? null,
    action_by: letter.actionBy,
    action_reason: letter.actionReason,
    redriven_payment_id: idOrNull(letter.redrivenPaymentId),
    overridden_evidence: letter.overriddenEvidence,
  };
}

function idOrNull(id: bigint | null): number | null {
  return id === null ? null : Number(id);
}
