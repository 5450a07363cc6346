import type { Transaction } from '../../database/database.ts';
import type { Difference, DifferenceSource } from '../../reconciliation/difference.ts';
import { storableText } from '../../text/text.ts';
import type { FoundEvidence } from './read-evidence.sql.ts';
import { findStanding, toEvidence } from './read-evidence.ts';

/** A payment that is about to succeed, the statement that says so, and whether a redrive made the payment from another. */
export interface Succeeding {
  readonly paymentId: bigint;
  readonly reference: string;
  readonly redriveOf: bigint | null;
  /** The gateway reference in the statement that it succeeded. */
  readonly gatewayReference: string | null;
}

/**
 * Finds out whether a redriven payment that is about to succeed is a double execution: evidence that no person overrode says that the money
 * already moved, under an older reference of its chain, or under its own with a different gateway reference. Evidence recorded while a call
 * is on its way comes too late for the check before the send; this is where it is noticed. The success itself is true and is settled; the
 * difference calls a person. The caller has locked the payments of the chain.
 */
export async function findSecondExecutions(
  transaction: Transaction,
  payment: Succeeding,
  source: DifferenceSource,
): Promise<Difference[]> {
  if (payment.redriveOf === null) return [];
  const found = (await findStanding(transaction, payment.paymentId)).filter((evidence) =>
    isOfAnother(evidence, payment),
  );
  const [first] = found;
  return first ? [differ(payment, { first, evidenceCount: found.length, source })] : [];
}

function isOfAnother(evidence: FoundEvidence, { reference, gatewayReference }: Succeeding): boolean {
  if (evidence.source === 'payment' || evidence.reference !== reference) return true;
  const { gatewayReference: other } = evidence;
  return other !== null && gatewayReference !== null && other !== gatewayReference;
}

function differ(
  payment: Succeeding,
  {
    first,
    evidenceCount,
    source,
  }: { readonly first: FoundEvidence; readonly evidenceCount: number; readonly source: DifferenceSource },
): Difference {
  const { paymentId, reference, gatewayReference } = payment;
  const isElsewhere = first.reference !== reference;
  const other = isElsewhere ? `redrive of ${first.reference}` : `${first.gatewayReference}`;
  return {
    paymentId,
    reference,
    kind: 'duplicate',
    source,
    ours: {
      status: 'success',
      redrive_of: Number(payment.redriveOf),
      evidence: toEvidence(first).what,
      evidence_count: evidenceCount,
    },
    theirs: {
      status: 'succeeded',
      amount: null,
      currency: null,
      gateway_reference: gatewayReference,
      // Under its own reference this payment moved money once; what moved under the older reference is a difference of that payment.
      ...(isElsewhere ? { count: 1 } : {}),
    },
    dedupeKey: storableText(`duplicate:${reference}:${other}`, 500),
  };
}
