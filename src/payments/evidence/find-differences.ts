import { compareNamed } from '../../gateway/answers/named-facts.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import type { Difference, DifferenceSource } from '../../reconciliation/difference.ts';
import { storableText } from '../../text/text.ts';
import { kindOf } from '../kinds/payment-kinds.ts';
import type { GatewayWord } from './gateway-word.ts';
import type { RecordedPayment } from './recorded-payment.ts';

type ComparedPayment = Pick<
  RecordedPayment,
  | 'paymentId'
  | 'reference'
  | 'status'
  | 'type'
  | 'amountMinor'
  | 'currency'
  | 'gatewayReference'
  | 'hasSucceededAttempt'
>;

/**
 * Compares everything that the gateway says with what is recorded. Pure. An open payment's status contradicts nothing, unless the gateway
 * itself said earlier that the payment was carried out. If there is a difference, the gateway's statement must not be applied: a person
 * must look at it.
 */
export function findDifferences(
  payment: ComparedPayment,
  word: GatewayWord,
  source: DifferenceSource,
): Difference[] {
  const ours = {
    status: payment.status,
    type: payment.type,
    amount: formatAmount(payment.amountMinor, payment.currency),
    currency: payment.currency,
    gateway_reference: payment.gatewayReference,
    has_succeeded_attempt: payment.hasSucceededAttempt,
  };
  const theirs = {
    status: word.status,
    type: word.named.type,
    amount: word.named.amount,
    currency: word.named.currency,
    reference: word.named.reference,
    gateway_reference: word.gatewayReference,
  };
  const differ = (kind: Difference['kind'], what: string): Difference => ({
    paymentId: payment.paymentId,
    reference: payment.reference,
    kind,
    source,
    ours,
    theirs,
    dedupeKey: storableText(`${kind}:${payment.reference}:${what}`, 500),
  });

  const differences = compareNamed({ ...payment, direction: kindOf(payment.type).direction }, word.named).map(
    ({ kind, named }) => differ(kind === 'money' ? 'amount_mismatch' : 'reference_mismatch', named),
  );
  if (contradictsStatus(payment, word)) differences.push(differ('status_contradiction', word.status));
  if (isAnotherExecution(payment, word)) differences.push(differ('duplicate', `${word.gatewayReference}`));
  return differences;
}

function contradictsStatus({ status, hasSucceededAttempt }: ComparedPayment, word: GatewayWord): boolean {
  if (word.status === 'succeeded') return status === 'failed';
  return status === 'success' || (status !== 'failed' && hasSucceededAttempt);
}

/** A different gateway reference for a payment that succeeded means that it was carried out a second time. */
function isAnotherExecution({ status, gatewayReference }: ComparedPayment, word: GatewayWord): boolean {
  return (
    status === 'success' &&
    word.status === 'succeeded' &&
    gatewayReference !== null &&
    word.gatewayReference !== null &&
    gatewayReference !== word.gatewayReference
  );
}
