import { DEFAULT_GATEWAY } from '../../gateway/port/default-gateway.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { storableText } from '../../text/text.ts';
import { findDifferences } from '../evidence/find-differences.ts';
import { describeUnknownPayment } from '../evidence/forgotten-payment.ts';
import { isConcluded, type RecordedPayment } from '../evidence/recorded-payment.ts';
import type { WaitingEvent } from './gateway-events.sql.ts';

/** What an event says that differs from what is recorded about its payment. */
export function differencesOf(payment: RecordedPayment, event: WaitingEvent): Difference[] {
  if (!event.isContradictory) return findDifferences(payment, { ...event, named: event }, 'callback');
  // Compare it as a success, which it may be: nobody who reads it later may release the money in spite of it.
  const claim = { ...event, status: 'succeeded' as const, named: event };
  const differences = findDifferences(payment, claim, 'callback');
  return differences.length > 0 || isConcluded(payment) ? differences : [selfContradiction(payment, event)];
}

/** It ends nothing, so a person must look at it: there may never be another event. */
function selfContradiction(payment: RecordedPayment, event: WaitingEvent): Difference {
  const { reference, amount, currency, type, gatewayReference } = event;
  return {
    paymentId: payment.paymentId,
    reference,
    kind: 'status_contradiction',
    source: 'callback',
    ours: { status: payment.status },
    theirs: {
      status: 'succeeded',
      is_contradictory: true,
      said: event.status,
      type,
      amount,
      currency,
      gateway_reference: gatewayReference,
    },
    dedupeKey: storableText(`status_contradiction:${reference}:contradictory`, 500),
  };
}

/** The difference of an event about a payment that is not known here, or not to be carried out by the gateway that speaks of it. */
export function unknownPayment(event: WaitingEvent): Difference {
  const { reference, status, gatewayReference, type, amount, currency, gateway } = event;
  const named = { reference, type, amount, currency };
  const difference = describeUnknownPayment({ reference }, { status, gatewayReference, named }, 'callback');
  if (gateway === DEFAULT_GATEWAY) return difference;
  return {
    ...difference,
    theirs: { ...difference.theirs, gateway },
    dedupeKey: storableText(`${difference.dedupeKey}:${gateway}`, 500),
  };
}
