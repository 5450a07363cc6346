import { strict as assert } from 'node:assert';
import {
  closeDeadLetter,
  type LockedDeadLetter,
  lockDeadLetter,
  readLetterAction,
  readLetterPaymentId,
} from '../queue/dead-letters.sql.ts';
import { requeueTask } from '../queue/requeue-task.sql.ts';
import type { Pool, Transaction } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import { inTransaction } from '../shared/transaction.ts';
import { type Evidence, stateEvidence } from './evidence.ts';
import { lockInquiry, removeInquiry, reopenPayment } from './handle-dead-letter.sql.ts';
import { lockAndReadEvidence } from './read-evidence.ts';
import { redrivePayment } from './redrive-payment.ts';

export type RedriveOutcome =
  | {
      readonly kind: 'redriven';
      readonly paymentId: bigint;
      /** What stood against it, and was overridden. */
      readonly overridden: readonly Evidence[];
    }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'already_handled'; readonly action: string }
  /** Something recorded says that the money moved. Nothing was done. */
  | { readonly kind: 'evidence'; readonly evidence: readonly Evidence[] }
  | {
      readonly kind: 'insufficient_funds';
      readonly neededMinor: bigint;
      readonly availableMinor: bigint;
      readonly currency: string;
    };

export interface RedriveRequest {
  readonly id: bigint;
  readonly by: string;
  readonly reason: string | null;
  /** Only a person may say so, for one letter, and with a reason; what they overrode is kept with the letter. */
  readonly mayOverrideEvidence?: boolean;
}

export type DiscardOutcome =
  | { readonly kind: 'discarded' }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'already_handled'; readonly action: string }
  /** The money may have moved, so there is nothing to discard: the letter closes when the outcome is known. */
  | { readonly kind: 'outcome_unknown' };

/**
 * Gives a dead letter another try. A payment that failed stays failed, because nothing leaves a terminal status: a new
 * payment of the same amounts is made, which must hold its funds again (`redrivePayment`). A payment whose outcome is unknown
 * goes back to the queue itself, and its next run asks the gateway before it sends.
 * Evidence stands (I15): where anything recorded says that the money of the payment, or of one that it was made from, moved,
 * nothing is done, unless a person overrides it.
 * Locks are taken in the order of lock-order.ts: inquiry, dead letter, the chain's payments, wallet.
 */
export async function redriveDeadLetter(pool: Pool, request: RedriveRequest): Promise<RedriveOutcome> {
  const outcome = await withOpenLetter<RedriveOutcome>(pool, request.id, async (transaction, letter) => {
    const evidence = await lockAndReadEvidence(transaction, letter.paymentId, 'chain');
    if (evidence.length > 0 && !request.mayOverrideEvidence) return { kind: 'evidence', evidence };
    const close = async (redrivenPaymentId: bigint) => {
      const overriddenEvidence = evidence.length > 0 ? stateEvidence(evidence) : null;
      await closeDeadLetter(transaction, {
        ...request,
        action: 'redriven',
        redrivenPaymentId,
        overriddenEvidence,
      });
      failpoint('redrive.before_commit');
    };
    if (isOutcomeUnknown(letter)) {
      await removeInquiry(transaction, letter.paymentId);
      await reopenPayment(transaction, letter.paymentId);
      await requeueTask(transaction, letter);
      await close(letter.paymentId);
      return { kind: 'redriven', paymentId: letter.paymentId, overridden: evidence };
    }
    const isContradicted = evidence.length > 0;
    const copy = await redrivePayment(transaction, { ...letter, isContradicted });
    if (copy.kind === 'insufficient_funds') return copy;
    await close(copy.paymentId);
    return { ...copy, overridden: evidence };
  });
  if (outcome.kind === 'redriven') failpoint('redrive.after_commit');
  return outcome;
}

/** Closes a dead letter of a failed payment for good, with the reason that an operator gives. */
export async function discardDeadLetter(
  pool: Pool,
  request: { readonly id: bigint; readonly by: string; readonly reason: string },
): Promise<DiscardOutcome> {
  return await withOpenLetter<DiscardOutcome>(pool, request.id, async (transaction, letter) => {
    if (isOutcomeUnknown(letter)) return { kind: 'outcome_unknown' };
    await closeDeadLetter(transaction, {
      ...request,
      action: 'discarded',
      redrivenPaymentId: null,
      overriddenEvidence: null,
    });
    failpoint('discard.before_commit');
    return { kind: 'discarded' };
  });
}

/**
 * Runs `work` with the letter locked. The payment's inquiry is locked first, as the inquiry sweep does: the two meet on
 * the same payment when its outcome becomes known at this moment.
 */
async function withOpenLetter<Outcome extends { readonly kind: string }>(
  pool: Pool,
  id: bigint,
  work: (transaction: Transaction, letter: LockedDeadLetter) => Promise<Outcome>,
): Promise<Outcome | { kind: 'not_found' } | { kind: 'already_handled'; action: string }> {
  type Handled = Outcome | { kind: 'not_found' } | { kind: 'already_handled'; action: string };
  const handle = async (transaction: Transaction): Promise<Handled> => {
    const paymentId = await readLetterPaymentId(transaction, id);
    if (paymentId === undefined) return { kind: 'not_found' };
    await lockInquiry(transaction, paymentId);
    const letter = await lockDeadLetter(transaction, id);
    assert(letter, 'dead letters are never deleted');
    if (letter.action) return { kind: 'already_handled', action: letter.action };
    return await work(transaction, letter);
  };
  return await inTransaction(pool, handle, {
    // What wrote nothing has nothing to lose. The letter says what was done about it, whoever did it: that is the answer.
    isWritten: async (queryable, { kind }) =>
      (kind !== 'redriven' && kind !== 'discarded') || (await readLetterAction(queryable, id)) === kind,
  });
}

function isOutcomeUnknown(letter: LockedDeadLetter): boolean {
  return letter.reason === 'outcome_unknown' || letter.reason === 'poison';
}
