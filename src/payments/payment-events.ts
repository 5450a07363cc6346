import { eventAmounts, type NewEvent, newEvent } from '../events/new-event.ts';
import { feePayerOf, kindOf } from './kinds/payment-kinds.ts';
import type { PostedPayment } from './kinds/payment-postings.ts';

/** What the events of a payment tell of it, besides what happened. */
export interface ToldPayment extends PostedPayment {
  readonly walletPaysFee: boolean;
  /** The failed payment that it was made from; null for most. */
  readonly redriveOf: bigint | null;
  /** The deposit that it gives back; null if it is no refund. */
  readonly refundOf: bigint | null;
}

interface AcceptedPayment extends ToldPayment {
  readonly status: 'new' | 'failed';
  readonly lastError: string | null;
  readonly traceparent?: string | undefined;
}

/** A payment was written: it will be carried out, or it failed at once. */
export function eventOfNew(payment: AcceptedPayment): NewEvent {
  const about = { id: payment.paymentId, traceparent: payment.traceparent };
  if (payment.status === 'new')
    return newEvent('tollgate.payment.accepted.v1', about, { ...tell(payment), status: 'processing' });
  return newEvent('tollgate.payment.failed.v1', about, {
    ...tell(payment),
    status: 'failed',
    last_error: payment.lastError,
  });
}

/** How a payment left the queue, or an inquiry. */
type Ended =
  | {
      readonly payment: ToldPayment;
      readonly status: 'success';
      readonly gatewayReference: string | null;
    }
  | { readonly payment: ToldPayment; readonly status: 'failed'; readonly error: string }
  | { readonly payment: ToldPayment; readonly status: 'unknown'; readonly error: string };

/** What there is to tell of a payment whose outcome is known, or known not to be known. */
export function eventsOfEnded(ended: Ended): NewEvent[] {
  const { payment } = ended;
  const about = { id: payment.paymentId };
  if (ended.status === 'unknown')
    return [
      newEvent('tollgate.payment.unknown.v1', about, {
        ...tell(payment),
        status: 'unknown',
        last_error: ended.error,
      }),
    ];
  if (ended.status === 'failed')
    return [
      newEvent('tollgate.payment.failed.v1', about, {
        ...tell(payment),
        status: 'failed',
        last_error: ended.error,
      }),
    ];
  const succeeded = newEvent('tollgate.payment.succeeded.v1', about, {
    ...tell(payment),
    status: 'success',
    gateway_reference: ended.gatewayReference,
  });
  return [succeeded, ...eventsOfRefund(payment)];
}

/** A payment of unknown outcome went back to the queue. */
export function eventOfRedriven(payment: ToldPayment): NewEvent {
  const about = { id: payment.paymentId };
  return newEvent('tollgate.payment.redriven.v1', about, { ...tell(payment), status: 'processing' });
}

/** The outcome of a payment was unknown until now. */
export function eventOfResolved(
  payment: ToldPayment,
  { status, by }: { readonly status: 'success' | 'failed'; readonly by: 'gateway' | 'operator' },
): NewEvent {
  return newEvent(
    'tollgate.payment.resolved.v1',
    { id: payment.paymentId },
    { ...tell(payment), status, resolved_by: by },
  );
}

/** The ids of these are drawn under the lock of the wallet, which is that of the deposit, too: so they are in order for the deposit. */
function eventsOfRefund({ refundOf, ...refund }: ToldPayment): NewEvent[] {
  if (refundOf === null) return [];
  const data = {
    payment_id: Number(refundOf),
    refund_id: Number(refund.paymentId),
    user_id: Number(refund.userId),
    wallet_id: Number(refund.walletId),
    ...amountsOf(refund),
    currency: refund.currency,
  };
  return [newEvent('tollgate.payment.refunded.v1', { id: refundOf }, data)];
}

function tell(payment: ToldPayment) {
  const { redriveOf, refundOf } = payment;
  return {
    payment_id: Number(payment.paymentId),
    user_id: Number(payment.userId),
    wallet_id: Number(payment.walletId),
    type: payment.type,
    ...amountsOf(payment),
    fee_payer: feePayerOf(payment),
    currency: payment.currency,
    redrive_of: redriveOf === null ? null : Number(redriveOf),
    refund_of: refundOf === null ? null : Number(refundOf),
  };
}

/** As the API shows them: what was asked of us, and not what the gateway moves. */
function amountsOf(payment: Omit<ToldPayment, 'refundOf'>) {
  const { type, feeMinor, currency } = payment;
  return eventAmounts({ amount: kindOf(type).askedMinor(payment), commission: feeMinor }, currency);
}
