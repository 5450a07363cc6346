import { findSystemAccounts } from '../ledger/system-accounts.ts';
import type { Pool, Transaction } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import { inTransaction } from '../shared/transaction.ts';
import { concludeUnknown, type Verdict } from './conclude-unknown.ts';
import { lockInquiry } from './handle-dead-letter.sql.ts';
import { readRecordedPayments } from './recorded-payment.sql.ts';
import type { RecordedPayment } from './recorded-payment.ts';
import { findResolution, insertResolution, type NewResolution } from './resolve-payment.sql.ts';

export type ResolveOutcome =
  | { readonly kind: 'resolved'; readonly payment: RecordedPayment }
  | { readonly kind: 'not_found' }
  /** A person has decided about it before. */
  | { readonly kind: 'already_resolved'; readonly by: string; readonly outcome: NewResolution['outcome'] }
  /** `new`: it is in the queue, where the gateway is asked first. Otherwise its outcome is known. */
  | { readonly kind: 'not_unknown'; readonly status: 'new' | 'success' | 'failed' }
  /** The gateway answered a call of it with success, so it cannot be resolved as not executed. */
  | { readonly kind: 'contradicts_attempt' };

/**
 * Ends a payment whose outcome the gateway does not tell, on the word of a person, and keeps who it was, why, and what
 * they relied on. It goes the way that the gateway's own word would go. Of several people at once, one wins.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown when that cannot be said.
 */
export async function resolvePayment(pool: Pool, resolution: NewResolution): Promise<ResolveOutcome> {
  const { paymentId } = resolution;
  const known = (await readRecordedPayments(pool, [paymentId])).get(paymentId);
  if (!known) return { kind: 'not_found' };
  const accounts = new Map([[known.currency, await findSystemAccounts(pool, known.currency)]]);
  const outcome = await inTransaction<ResolveOutcome>(pool, async (transaction) => {
    const payment = await lockUnknown(transaction, paymentId);
    if (payment.status !== 'unknown') {
      const earlier = await findResolution(transaction, paymentId);
      return earlier
        ? { kind: 'already_resolved', ...earlier }
        : { kind: 'not_unknown', status: payment.status };
    }
    if (resolution.outcome === 'not_executed' && payment.hasSucceededAttempt)
      return { kind: 'contradicts_attempt' };
    await concludeUnknown(transaction, { payment, verdict: verdictOf(resolution), accounts });
    await insertResolution(transaction, resolution);
    failpoint('resolve.before_commit');
    return { kind: 'resolved', payment };
  });
  failpoint('resolve.after_commit');
  return outcome;
}

/** Reads the payment as it is once whoever works on its inquiry is done, and keeps others from it. */
async function lockUnknown(transaction: Transaction, paymentId: bigint): Promise<RecordedPayment> {
  const read = async () =>
    (await readRecordedPayments(transaction, [paymentId])).get(paymentId) as RecordedPayment;
  const isLocked = await lockInquiry(transaction, paymentId);
  const payment = await read();
  if (isLocked || payment.status !== 'unknown') return payment;
  // It became unknown between the two statements, so its inquiry is there now.
  await lockInquiry(transaction, paymentId);
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
