import type { Difference, DifferenceSource, Statement } from '../../reconciliation/difference.ts';
import type { RecordedPayment } from './recorded-payment.ts';

/** Where it is recorded that the money of a payment moved. */
export const EVIDENCE_SOURCES = [
  'attempt',
  'callback',
  'inquiry',
  'exception',
  'book',
  'resolution',
  'payment',
] as const;
export type EvidenceSource = (typeof EVIDENCE_SOURCES)[number];

/** Recorded evidence that the money of a payment moved, from whatever source, of whatever amount, and however late. */
export interface Evidence {
  readonly source: EvidenceSource;
  /** The payment that it is recorded for: this one, or another in its chain of redrives. */
  readonly paymentId: bigint;
  /** A sentence for people. */
  readonly what: string;
  readonly at: Date;
}

/** The form in which it is stored when a person overrides it, and in which it is shown. */
export interface EvidenceStatement {
  readonly source: EvidenceSource;
  readonly payment_id: number;
  readonly what: string;
  readonly when: string;
}

export function stateEvidence(evidence: readonly Evidence[]): EvidenceStatement[] {
  return evidence.map(({ source, paymentId, what, at }) => ({
    source,
    payment_id: Number(paymentId),
    what,
    when: at.toISOString(),
  }));
}

/** A statement that would end a payment as failed. */
export interface WordOfFailure {
  readonly status: 'refused' | 'not_found' | 'not_executed';
  readonly source: DifferenceSource;
}

/**
 * Decides whether a payment may be failed because of a statement. Evidence stands (I15): if there is any evidence that the money moved, it
 * may not, and the difference for a person to look at is returned. Pure.
 */
export function contradictEvidence(
  payment: Pick<RecordedPayment, 'paymentId' | 'reference' | 'status' | 'gatewayReference'>,
  word: WordOfFailure,
  evidence: readonly Evidence[],
): Difference | undefined {
  const [first] = evidence;
  if (!first) return undefined;
  const ours: Statement = {
    status: payment.status,
    gateway_reference: payment.gatewayReference,
    evidence: first.what,
    evidence_count: evidence.length,
  };
  return {
    paymentId: payment.paymentId,
    reference: payment.reference,
    kind: 'status_contradiction',
    source: word.source,
    ours,
    theirs: { status: word.status, amount: null, currency: null, gateway_reference: null },
    dedupeKey: `status_contradiction:${payment.reference}:${word.status}`,
  };
}
