import type { Queryable } from '../../database/database.ts';
import { describeFailure } from '../../gateway/port/gateway-failure.ts';
import type { PaymentGateway, PayOutcome } from '../../gateway/port/payment-gateway.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { findStandingEvidence } from '../evidence/read-evidence.ts';

/**
 * The gateway for one run of a payment that was made from another by a redrive. Before each send it looks at what is recorded about
 * the whole chain: a redrive asks once, when the payment goes to the queue, and word that an older call moved the money
 * may come while it waits there. What a person overrode does not count again. A send that is withheld was not made, and
 * `decideAfterAttempt` leaves the payment to a person.
 *
 * What remains: evidence that is recorded after this look, while the request is on its way. No lock can be held across a call, so
 * nothing closes that. Whoever ends the payment notices it under the lock of the chain: it keeps the payment from being failed, and a
 * success is told of as a second execution (`findSecondExecutions`).
 * A payment that was made from no other gets the gateway as it is, and costs nothing.
 * @param maySend is asked last: the lease may have ended, or sending may have been stopped, during the look.
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
