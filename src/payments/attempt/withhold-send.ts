import type { Queryable } from '../../database/database.ts';
import { describeFailure } from '../../gateway/port/gateway-failure.ts';
import type { PaymentGateway, PayOutcome } from '../../gateway/port/payment-gateway.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { findStandingEvidence } from '../evidence/read-evidence.ts';

/**
 * The gateway for one run of a payment that a redrive made from another. Before each send it checks the evidence of the whole chain: the
 * redrive checked only once, when the payment entered the queue, and evidence that an older call moved the money may arrive while it waits
 * there. Evidence that a person overrode does not count again. A withheld send was not made, and `decideAfterAttempt` leaves the payment to
 * a person.
 *
 * One gap remains: evidence that is recorded after this check, while the request is on its way. No lock can be held across a call, so
 * nothing can close it. The code that ends the payment notices such evidence under the chain's lock: it does not fail the payment, and it
 * reports a success as a second execution (`findSecondExecutions`). A payment that is not a redrive gets the plain gateway, at no cost.
 * @param maySend is called last: during the check, the lease may have ended, or sending may have been stopped.
 */
export function withholdSend(
  gateway: PaymentGateway,
  {
    queryable,
    payment,
    maySend,
  }: {
    readonly queryable: Queryable;
    readonly payment: Pick<ClaimedPayment, 'paymentId' | 'redriveOf'>;
    readonly maySend: () => boolean;
  },
): PaymentGateway {
  if (payment.redriveOf === null) return gateway;
  return {
    async pay(instruction, signal) {
      const kept = await reasonNotToSend(queryable, payment.paymentId);
      if (kept) return kept;
      if (signal?.aborted || !maySend()) return unsent('aborted', 'sending ended before the call was made');
      return await gateway.pay(instruction, signal);
    },
    inquire: (reference, signal) => gateway.inquire(reference, signal),
    close: () => gateway.close(),
  };
}

async function reasonNotToSend(queryable: Queryable, paymentId: bigint): Promise<PayOutcome | undefined> {
  try {
    const [first] = await findStandingEvidence(queryable, paymentId);
    return first && unsent('withheld', `not sent, because the money may have moved before: ${first.what}`);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return unsent('aborted', `not sent, because nothing could be read about earlier payments: ${cause}`);
  }
}

function unsent(errorClass: 'withheld' | 'aborted', message: string): PayOutcome {
  return {
    kind: 'not_executed',
    retryAfterMs: null,
    ...describeFailure(errorClass, message, null),
  };
}
