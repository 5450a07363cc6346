import type { StoredResponse } from '../../../idempotency/used-key.ts';
import { formatAmount } from '../../../money/decimal-amount.ts';
import type { AcceptanceDecision, PaymentRequest } from '../../../payments/accept/acceptance.ts';
import { kindOf } from '../../../payments/kinds/payment-kinds.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { Problem, renderProblem } from '../../problems/problem.ts';
import { walletStateProblem } from '../../problems/wallet-state-problem.ts';

/** The answer to a payment request, the same now and at every replay. */
export function renderAcceptance(decision: AcceptanceDecision): StoredResponse {
  const { request } = decision;
  const { type, currency } = request;
  if (decision.kind === 'wallet_frozen' || decision.kind === 'wallet_closed') {
    const problem = walletStateProblem(decision, fieldOfWallet(request));
    return { status: problem.status, body: renderProblem(problem, request.path) };
  }
  const { paymentId } = decision;
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
  return { status: problem.status, body: renderProblem(problem, request.path) };
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
  return { status: problem.status, body: renderProblem(problem, request.path) };
}

/** What in the request led to the wallet. */
function fieldOfWallet({ refund, wallet }: PaymentRequest): string {
  if (refund) return 'payment_id';
  return wallet ? 'wallet_id' : 'currency';
}
