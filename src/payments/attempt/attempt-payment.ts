import { describeFailure } from '../../gateway/port/gateway-failure.ts';
import type { PaymentGateway, PayOutcome } from '../../gateway/port/payment-gateway.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { paymentIdOfReference } from '../payment-reference.ts';
import type { AttemptResult } from './decide-after-attempt.ts';

/** How long an attempt may go on: until it is aborted, and it sends nothing once its lease may be another worker's. */
export interface AttemptLimits {
  readonly signal: AbortSignal;
  readonly isLeaseOver: () => boolean;
  /** Claiming was paused or the ledger is in doubt: what would be sent now waits instead. */
  readonly mustNotSend: () => boolean;
}

/**
 * Makes one attempt at the gateway. A payment whose earlier call may have executed is asked about first, and sent again,
 * with the same key, only when the gateway does not know it.
 * No transaction is open here. A crash at any point leaves the attempt's row open, so the next run asks first.
 */
export async function attemptPayment(
  gateway: PaymentGateway,
  payment: ClaimedPayment,
  limits: AttemptLimits,
): Promise<AttemptResult> {
  const startedAt = performance.now();
  try {
    return { ...(await askThenSend(gateway, payment, limits)), latencyMs: performance.now() - startedAt };
  } catch (error) {
    // A gateway client must not throw. When one does, all that is known is that the call may have executed.
    const message = `the gateway client failed: ${error instanceof Error ? error.message : String(error)}`;
    const failure = describeFailure('client_error', message, null);
    const pay = { kind: 'unknown' as const, retryAfterMs: null, ...failure };
    return { inquiry: null, pay, latencyMs: performance.now() - startedAt };
  }
}

async function askThenSend(
  gateway: PaymentGateway,
  payment: ClaimedPayment,
  { signal, isLeaseOver, mustNotSend }: AttemptLimits,
): Promise<Pick<AttemptResult, 'inquiry' | 'pay'>> {
  const mayHaveExecuted = payment.task.unknownForMs !== null;
  if (mayHaveExecuted) failpoint('call.before_inquiry');
  const inquiry = mayHaveExecuted ? await gateway.inquire(payment.reference, signal) : null;
  const isSafeToSend = inquiry === null || inquiry.kind === 'not_found';
  if (isSafeToSend) failpoint('call.before_send');
  // Looked at last thing: a process that was stopped while it asked finds the answer before any timer of its own has run,
  // and by then another worker may have ended the payment.
  const maySend = isSafeToSend && !signal.aborted && !isLeaseOver();
  const pay = maySend ? await (mustNotSend() ? notNow() : gateway.pay(instructionOf(payment), signal)) : null;
  failpoint('call.after_answer');
  return { inquiry, pay };
}

/**
 * A payment that was redriven under its reference is the same to the gateway, down to its id: a gateway that compares the whole
 * request with the first one of its key must find no difference.
 */
function instructionOf(payment: ClaimedPayment): ClaimedPayment {
  return { ...payment, paymentId: paymentIdOfReference(payment.reference) ?? payment.paymentId };
}

/** The question took its time, and nothing may be sent any more; the attempt is not burnt. */
function notNow(): PayOutcome {
  const message = 'sending was stopped while the gateway was asked about an earlier call';
  return { kind: 'not_executed', retryAfterMs: null, ...describeFailure('aborted', message, null) };
}
