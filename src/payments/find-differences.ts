import type { ExceptionSource, NewException } from '../reconciliation/exception.ts';
import { formatAmount, parseAmount } from '../shared/money.ts';
import type { RecordedPayment } from './recorded-payment.ts';

/** What the gateway says of a payment, in a callback, an answer to a question, or a late answer to a send. */
export interface GatewayWord {
  readonly status: 'succeeded' | 'refused';
  readonly gatewayReference: string | null;
  /** What it says that it moved; null when it does not say. */
  readonly moved: MovedAmount | null;
}

/** An amount as the gateway wrote it: a decimal and a currency code, neither of them checked. */
export interface MovedAmount {
  readonly amount: string;
  readonly currency: string;
}

type ComparedPayment = Pick<
  RecordedPayment,
  | 'paymentId'
  | 'reference'
  | 'status'
  | 'amountMinor'
  | 'currency'
  | 'gatewayReference'
  | 'hasSucceededAttempt'
>;

/**
 * Compares the gateway's word with what is recorded. Pure.
 * An open payment contradicts nothing by its status, unless the gateway itself said before that it was carried out. Where
 * there is a difference, the word must not be applied: a person looks at it.
 */
export function findDifferences(
  payment: ComparedPayment,
  word: GatewayWord,
  source: ExceptionSource,
): NewException[] {
  const ours = {
    status: payment.status,
    amount: formatAmount(payment.amountMinor, payment.currency),
    currency: payment.currency,
    gateway_reference: payment.gatewayReference,
    has_succeeded_attempt: payment.hasSucceededAttempt,
  };
  const theirs = {
    status: word.status,
    amount: word.moved?.amount ?? null,
    currency: word.moved?.currency ?? null,
    gateway_reference: word.gatewayReference,
  };
  const differ = (kind: NewException['kind'], what: string): NewException => ({
    paymentId: payment.paymentId,
    reference: payment.reference,
    kind,
    source,
    ours,
    theirs,
    dedupeKey: `${kind}:${payment.reference}:${what}`.slice(0, 500),
  });

  const differences: NewException[] = [];
  if (word.moved && !isSameMoney(payment, word.moved)) {
    differences.push(differ('amount_mismatch', `${word.moved.amount} ${word.moved.currency}`));
  }
  if (contradictsStatus(payment, word)) differences.push(differ('status_contradiction', word.status));
  if (isAnotherExecution(payment, word)) differences.push(differ('duplicate', `${word.gatewayReference}`));
  return differences;
}

/** Whether the gateway moved what it was told to. */
export function isSameMoney(
  { amountMinor, currency }: Pick<RecordedPayment, 'amountMinor' | 'currency'>,
  moved: MovedAmount,
): boolean {
  if (moved.currency !== currency) return false;
  const parsed = parseAmount(moved.amount, currency);
  return parsed.kind === 'amount' && parsed.amountMinor === amountMinor;
}

function contradictsStatus({ status, hasSucceededAttempt }: ComparedPayment, word: GatewayWord): boolean {
  if (word.status === 'succeeded') return status === 'failed';
  return status === 'success' || (status !== 'failed' && hasSucceededAttempt);
}

/** A second name for a payment that succeeded says that it was carried out a second time. */
function isAnotherExecution({ status, gatewayReference }: ComparedPayment, word: GatewayWord): boolean {
  return (
    status === 'success' &&
    word.status === 'succeeded' &&
    gatewayReference !== null &&
    word.gatewayReference !== null &&
    gatewayReference !== word.gatewayReference
  );
}
