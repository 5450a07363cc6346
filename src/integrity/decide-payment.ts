import type { OddTask, PaymentFacts } from './payment-facts.sql.ts';
import type { Rule, Violation } from './violation.ts';

/** What the ledger must have of a payment. */
interface ExpectedSteps {
  readonly hold: number;
  readonly settle: number;
  readonly void: number;
  readonly walletPosted: bigint;
  readonly walletPending: bigint;
}

/**
 * I4 and what a database can see of I5 for one payment, as it was at one moment: settled or voided at most once, a status
 * that is what the ledger says, and work under way as long as the payment is open.
 */
export function decidePayment(payment: PaymentFacts): Violation[] {
  const problems: [Rule, string][] = [];
  const { settleCount, voidCount, holdCount, otherStepCount, hasTask, hasInquiry } = payment;
  if (settleCount + voidCount > 1)
    problems.push(['payment_settled_once', `settled ${settleCount} times and voided ${voidCount} times`]);

  const expected = expectedSteps(payment);
  const hasExpectedSteps =
    holdCount === expected.hold &&
    settleCount === expected.settle &&
    voidCount === expected.void &&
    otherStepCount === 0;
  const hasExpectedAmounts =
    BigInt(payment.walletPosted) === expected.walletPosted &&
    BigInt(payment.walletPending) === expected.walletPending;
  if (!hasExpectedSteps || !hasExpectedAmounts) {
    const steps = `hold ${holdCount}, settle ${settleCount}, void ${voidCount}, other ${otherStepCount}`;
    const wallet = `wallet posted ${payment.walletPosted} and pending ${payment.walletPending}, expected ${expected.walletPosted} and ${expected.walletPending}`;
    problems.push([
      'status_agrees_with_ledger',
      `${payment.status} ${payment.type}; in the ledger: ${steps}; ${wallet}`,
    ]);
  }

  const isOpen = payment.status === 'new' || payment.status === 'unknown';
  if (payment.status === 'new' && !hasTask)
    problems.push(['open_payment_has_work', 'new, and no task in the queue']);
  if (payment.status === 'unknown' && !hasTask && !hasInquiry)
    problems.push(['open_payment_has_work', 'unknown, and nobody asks about it']);
  if (!isOpen && hasTask)
    problems.push(['ended_payment_has_no_work', `${payment.status}, and still in the queue`]);

  const subject = `payment:${payment.paymentId}`;
  return problems.map(([rule, detail]) => ({ rule, subject, fingerprint: detail, detail }));
}

function expectedSteps({ type, status, amountMinor, feeMinor, holdCount }: PaymentFacts): ExpectedSteps {
  const none = { hold: 0, settle: 0, void: 0, walletPosted: 0n, walletPending: 0n };
  if (type === 'deposit')
    return status === 'success' ? { ...none, settle: 1, walletPosted: amountMinor - feeMinor } : none;
  const takenMinor = amountMinor + feeMinor;
  switch (status) {
    case 'success':
      return { ...none, hold: 1, settle: 1, walletPosted: -takenMinor };
    case 'failed':
      // Refused for want of funds: nothing was ever held.
      return holdCount === 0 ? none : { ...none, hold: 1, void: 1 };
    default:
      return { ...none, hold: 1, walletPending: -takenMinor };
  }
}

/** A task must belong to a payment that is open. */
export function decideTask({ paymentId, status }: OddTask): Violation[] {
  if (status === 'new' || status === 'unknown') return [];
  const detail = status === null ? 'a task without a payment' : `${status}, and still in the queue`;
  const subject = status === null ? `task:${paymentId}` : `payment:${paymentId}`;
  return [{ rule: 'ended_payment_has_no_work', subject, fingerprint: detail, detail }];
}
