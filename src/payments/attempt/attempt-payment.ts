import { describeFailure } from '../../gateway/port/gateway-failure.ts';
import type { PaymentGateway, PayOutcome } from '../../gateway/port/payment-gateway.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { paymentIdOfReference } from '../payment-reference.ts';
import type { AttemptResult } from './decide-after-attempt.ts';

/** The limits of an attempt: it can be aborted, and it must not send once another worker may hold its lease. */
export interface AttemptLimits {
  readonly signal: AbortSignal;
  readonly isLeaseOver: () => boolean;
  /** Whether sending is stopped because claiming is paused or the ledger is in doubt; the payment then waits. */
  readonly mustNotSend: () => boolean;
}

/**
 * Makes one attempt at the gateway. If an earlier call may have executed, it first asks the gateway, and sends again, with the same key,
 * only if the gateway does not know the payment. No transaction is open here. A crash at any point leaves the attempt's row open, so the
 * next run asks first.
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
    // A gateway client must not throw. If one does, all that we know is that the call may have executed.
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
  // Check this last: a process that was suspended during the inquiry finds the answer before any of its timers has run, and by then another
  // worker may have ended the payment.
  const maySend = isSafeToSend && !signal.aborted && !isLeaseOver();
  const pay = maySend ? await (mustNotSend() ? notNow() : gateway.pay(instructionOf(payment), signal)) : null;
  failpoint('call.after_answer');
  return { inquiry, pay };
}

/**
 * A payment that was redriven under the same reference must look the same to the gateway, including its id: a gateway that compares the
 * whole request with the first one for its key must find no difference.
 */
function instructionOf(payment: ClaimedPayment): ClaimedPayment {
  return { ...payment, paymentId: paymentIdOfReference(payment.reference) ?? payment.paymentId };
}

/** The inquiry took too long, so nothing may be sent any more. This does not use up the attempt. */
function notNow(): PayOutcome {
  const message = 'sending was stopped while the gateway was asked about an earlier call';
  return { kind: 'not_executed', retryAfterMs: null, ...describeFailure('aborted', message, null) };
}
