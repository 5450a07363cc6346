import { compareNamed, type Mismatch } from '../gateway/answers/named-facts.ts';
import { isKnownCurrency } from '../money/currency.ts';
import { formatAmount } from '../money/decimal-amount.ts';
import { storableText } from '../text/text.ts';
import type { ComparedReference, SettledPayment, UntimedLine } from './compare-books.sql.ts';
import type { Difference, DifferenceKind, Statement } from './difference.ts';

/** The result for one reference of the gateway's book. `nothing`: neither side moved money. */
export type Comparison =
  | { readonly kind: 'matched' | 'in_transit' | 'nothing' }
  | { readonly kind: 'different'; readonly difference: Difference };

/**
 * Compares what the gateway's book has under one reference with our payment for that reference. Pure. If our payment is open, or ended
 * after the cut-off, it is in transit, and is compared once it has settled.
 */
export function decideReference(found: ComparedReference): Comparison {
  const isExecuted = found.executedCount > 0;
  if (found.paymentId === null)
    return isExecuted ? differ(found, 'missing_here', theirWords(found)) : { kind: 'nothing' };
  const isOpen = found.status === 'new' || found.status === 'unknown';
  if (isOpen || found.isDue === false) return { kind: 'in_transit' };
  if (found.status === 'failed')
    return isExecuted ? differ(found, 'status_contradiction', 'succeeded') : { kind: 'nothing' };
  if (!isExecuted) return differ(found, 'status_contradiction', 'refused');
  if (found.executedCount > 1) return differ(found, 'duplicate', `${found.executedCount} times`);
  const [mismatch] = mismatchesOf(found);
  return mismatch ? differ(found, 'amount_mismatch', mismatch.named) : { kind: 'matched' };
}

/**
 * Whether the book lists as carried out what has not succeeded here: this is evidence about a payment that is open or has just failed, and
 * must outlive the report. Pure.
 */
export function isEvidence(found: ComparedReference): boolean {
  return found.executedCount > 0 && found.paymentId !== null && found.status !== 'success';
}

/** One of our settled payments that is missing in the gateway's book. */
export function missingThere(payment: SettledPayment): Difference {
  return {
    paymentId: payment.paymentId,
    reference: payment.reference,
    kind: 'missing_there',
    source: 'report',
    ours: {
      status: 'success',
      type: payment.type,
      amount: decimal(payment.amountMinor, payment.currency),
      currency: payment.currency,
      gateway_reference: payment.gatewayReference,
    },
    theirs: null,
    dedupeKey: `missing_there:${payment.reference}`,
  };
}

/** A line with an invalid time. Its money is compared like that of any other line. */
export function unreadableLine(line: UntimedLine): Difference {
  const { reference, unreadableTime } = line;
  return {
    paymentId: line.paymentId,
    reference,
    kind: 'unreadable_line',
    source: 'report',
    ours: null,
    theirs: {
      line: line.line,
      executed_at: unreadableTime,
      status: line.status === 'succeeded' ? 'succeeded' : 'refused',
      type: line.type,
      amount: decimal(line.amountMinor, line.currency),
      currency: line.currency,
      gateway_reference: line.gatewayReference,
    },
    dedupeKey: storableText(`unreadable_line:${reference}:${unreadableTime}`, 500),
  };
}

/** Compare in the same way as a callback or an answer, so that a difference is recorded only once, whoever finds it. */
function mismatchesOf(found: ComparedReference): Mismatch[] {
  const { reference, ourDirection, ourAmountMinor, ourCurrency } = found;
  if (ourDirection === null || ourAmountMinor === null || ourCurrency === null) return [];
  return compareNamed(
    { reference, direction: ourDirection, amountMinor: ourAmountMinor, currency: ourCurrency },
    {
      reference,
      type: found.type,
      amount: decimal(found.amountMinor, found.currency),
      currency: found.currency,
    },
  );
}

function differ(found: ComparedReference, kind: DifferenceKind, what: string): Comparison {
  return {
    kind: 'different',
    difference: {
      paymentId: found.paymentId,
      reference: found.reference,
      kind,
      source: 'report',
      ours: ourStatement(found),
      theirs: theirStatement(found),
      dedupeKey: storableText(`${kind}:${found.reference}:${what}`, 500),
    },
  };
}

function ourStatement(found: ComparedReference): Statement | null {
  if (found.ourAmountMinor === null || found.ourCurrency === null) return null;
  return {
    status: found.status,
    type: found.ourType,
    amount: decimal(found.ourAmountMinor, found.ourCurrency),
    currency: found.ourCurrency,
    gateway_reference: found.ourGatewayReference,
  };
}

function theirStatement(found: ComparedReference): Statement {
  return {
    status: found.executedCount > 0 ? 'succeeded' : 'refused',
    type: found.type,
    amount: decimal(found.amountMinor, found.currency),
    currency: found.currency,
    gateway_reference: found.gatewayReference,
    ...(found.executedCount > 1 ? { count: found.executedCount, is_uniform: found.isUniform } : {}),
  };
}

function theirWords(found: ComparedReference): string {
  return `${decimal(found.amountMinor, found.currency)} ${found.currency}`;
}

/** The gateway may name a currency that we do not know; then we only have its minor units. */
function decimal(amountMinor: bigint, currency: string): string {
  return isKnownCurrency(currency) ? formatAmount(amountMinor, currency) : amountMinor.toString();
}
