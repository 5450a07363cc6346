import type { Rule, Violation } from '../violation.ts';
import type { OddTask, PaymentFacts, RefundedFacts } from './payment-facts.sql.ts';

/**
 * I4, and the parts of I5 and I10 that the database can check, for one payment at one moment: settled at most once, a status that agrees
 * with its hold and the ledger, and a task or an inquiry for as long as the payment is open.
 */
export function decidePayment(payment: PaymentFacts): Violation[] {
  const problems: [Rule, string][] = [];
  const { status, type, settleCount, otherStepCount, walletPosted, heldMinor, hasTask, hasInquiry } = payment;
  if (settleCount > 1) problems.push(['payment_settled_once', `settled ${settleCount} times`]);

  const isOpen = status === 'new' || status === 'unknown';
  const settled = status === 'success' ? 1 : 0;
  const postedMinor = status === 'success' ? walletChangeOf(payment) : 0n;
  if (settleCount !== settled || otherStepCount !== 0 || BigInt(walletPosted) !== postedMinor) {
    problems.push([
      'status_agrees_with_ledger',
      `${status} ${type}; in the ledger: settle ${settleCount}, other ${otherStepCount}; wallet posted ${walletPosted}, expected ${postedMinor}`,
    ]);
  }
  const expectedMinor = isOpen && type !== 'deposit' ? -walletChangeOf(payment) : 0n;
  if (heldMinor !== expectedMinor)
    problems.push([
      'payment_holds_its_money',
      `${status} ${type}; holds ${heldMinor}, expected ${expectedMinor}`,
    ]);

  const { refundOf } = payment;
  if (type === 'refund' && !refundOf)
    problems.push(['refunds_fit_their_deposit', 'gives back a payment that is not there']);
  if (refundOf && !isRefundable(payment, refundOf))
    problems.push([
      'refunds_fit_their_deposit',
      `gives back payment ${refundOf.paymentId}, which is a ${refundOf.type} of ${refundOf.amountMinor} (${refundOf.status}) with refunds of ${refundOf.refundedMinor}, fee ${refundOf.feeMinor} with ${refundOf.refundedFeeMinor}`,
    ]);

  if (status === 'new' && !hasTask) problems.push(['open_payment_has_work', 'new, and no task in the queue']);
  if (status === 'unknown' && !hasTask && !hasInquiry)
    problems.push(['open_payment_has_work', 'unknown, and nobody asks about it']);
  if (!isOpen && hasTask) problems.push(['ended_payment_has_no_work', `${status}, and still in the queue`]);

  const subject = `payment:${payment.paymentId}`;
  return problems.map(([rule, detail]) => ({ rule, subject, fingerprint: detail, detail }));
}

/** The effect of a successful payment on its wallet. A refund's fee is what it gives back. */
function walletChangeOf({ type, amountMinor, feeMinor }: PaymentFacts): bigint {
  switch (type) {
    case 'deposit':
      return amountMinor - feeMinor;
    case 'withdraw':
      return -(amountMinor + feeMinor);
    case 'refund':
      return -(amountMinor - feeMinor);
  }
}

/** A refund gives back a settled deposit of its own wallet, and never more than that together with others. */
function isRefundable({ walletId }: PaymentFacts, deposit: RefundedFacts): boolean {
  const { type, status, amountMinor, feeMinor, refundedMinor, refundedFeeMinor } = deposit;
  const isSettledDeposit = type === 'deposit' && status === 'success' && deposit.walletId === walletId;
  return isSettledDeposit && refundedMinor <= amountMinor && refundedFeeMinor <= feeMinor;
}

/** A task must belong to a payment that is open. */
export function decideTask({ paymentId, status }: OddTask): Violation[] {
  if (status === 'new' || status === 'unknown') return [];
  const detail = status === null ? 'a task without a payment' : `${status}, and still in the queue`;
  const subject = status === null ? `task:${paymentId}` : `payment:${paymentId}`;
  return [{ rule: 'ended_payment_has_no_work', subject, fingerprint: detail, detail }];
}
