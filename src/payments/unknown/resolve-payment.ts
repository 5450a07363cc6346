import type { Pool, Transaction } from '../../database/database.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import { concludeUnknown, type Verdict } from '../conclude/conclude-unknown.ts';
import { type Evidence, stateEvidence } from '../evidence/evidence.ts';
import { lockAndReadEvidence } from '../evidence/read-evidence.ts';
import { readRecordedPayments } from '../evidence/recorded-payment.sql.ts';
import type { RecordedPayment } from '../evidence/recorded-payment.ts';
import { lockInquiries } from './inquiries.sql.ts';
import {
  findResolution,
  insertResolution,
  isResolutionWritten,
  type NewResolution,
} from './resolve-payment.sql.ts';

export type ResolveOutcome =
  | {
      readonly kind: 'resolved';
      readonly payment: RecordedPayment;
      /** The evidence against it that was overridden. */
      readonly overridden: readonly Evidence[];
    }
  | { readonly kind: 'not_found' }
  /** A person has already decided about it. */
  | { readonly kind: 'already_resolved'; readonly by: string; readonly outcome: NewResolution['outcome'] }
  /** `new`: it is in the queue, and a worker asks the gateway first. Otherwise its outcome is known. */
  | { readonly kind: 'not_unknown'; readonly status: 'new' | 'success' | 'failed' }
  /** There is evidence that its money moved, so it is not resolved as not executed. Nothing was done. */
  | { readonly kind: 'evidence'; readonly evidence: readonly Evidence[] };

/**
 * Ends a payment of unknown outcome on the decision of a person, and records who decided, why, and on what evidence. The effect is the same
 * as if the gateway had reported the outcome. If several people decide at once, one wins. Evidence stands (I15): `not_executed` needs an
 * explicit override if there is evidence that the money moved.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown if that is not known.
 */
export async function resolvePayment(
  pool: Pool,
  resolution: NewResolution & { readonly mayOverrideEvidence?: boolean },
): Promise<ResolveOutcome> {
  const { paymentId } = resolution;
  const known = (await readRecordedPayments(pool, [paymentId])).get(paymentId);
  if (!known) return { kind: 'not_found' };
  const resolve = async (transaction: Transaction): Promise<ResolveOutcome> => {
    const payment = await lockUnknown(transaction, paymentId);
    if (payment.status !== 'unknown') {
      const earlier = await findResolution(transaction, paymentId);
      return earlier
        ? { kind: 'already_resolved', ...earlier }
        : { kind: 'not_unknown', status: payment.status };
    }
    const overridden =
      resolution.outcome === 'not_executed' ? await lockAndReadEvidence(transaction, paymentId, 'chain') : [];
    if (overridden.length > 0 && !resolution.mayOverrideEvidence)
      return { kind: 'evidence', evidence: overridden };
    await concludeUnknown(transaction, {
      payment,
      verdict: verdictOf(resolution),
      resolvedBy: 'operator',
    });
    await insertResolution(transaction, {
      ...resolution,
      overriddenEvidence: overridden.length > 0 ? stateEvidence(overridden) : null,
    });
    failpoint('resolve.before_commit');
    return { kind: 'resolved', payment, overridden };
  };
  const outcome = await inTransaction(pool, resolve, {
    // If nothing was written, a lost COMMIT does not matter.
    isWritten: async (queryable, { kind }) =>
      kind !== 'resolved' || (await isResolutionWritten(queryable, resolution)),
  });
  failpoint('resolve.after_commit');
  return outcome;
}

/** Reads the payment after anybody who works on its inquiry is done, and locks out others. */
async function lockUnknown(transaction: Transaction, paymentId: bigint): Promise<RecordedPayment> {
  const read = async () =>
    (await readRecordedPayments(transaction, [paymentId])).get(paymentId) as RecordedPayment;
  const isLocked = (await lockInquiries(transaction, [paymentId])) > 0;
  const payment = await read();
  if (isLocked || payment.status !== 'unknown') return payment;
  // It became unknown between the two statements, so its inquiry exists now.
  await lockInquiries(transaction, [paymentId]);
  return await read();
}

function verdictOf({ outcome, by, reason, gatewayReference }: NewResolution): Verdict {
  if (outcome === 'executed') return { kind: 'succeeded', gatewayReference, by, reason };
  return {
    kind: 'failed',
    reason: 'attempts_exhausted',
    error: 'an operator found that the gateway had not carried it out',
  };
}
