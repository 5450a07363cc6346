import { strict as assert } from 'node:assert';
import type { Pool, Transaction } from '../database/database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { lockInquiries } from '../payments/unknown/inquiries.sql.ts';
import { failpoint } from '../process/failpoints/failpoint.ts';
import { isOutcomeUnknown } from './decide-redrive.ts';
import {
  closeDeadLetter,
  lockDeadLetter,
  readLetterAction,
  readPaymentOfLetter,
} from './letters/dead-letters.sql.ts';

export type DiscardOutcome =
  | { readonly kind: 'discarded'; readonly paymentId: bigint }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'already_handled'; readonly action: string }
  /** The money may have moved, so the letter cannot be discarded: it closes when the outcome is known. */
  | { readonly kind: 'outcome_unknown' };

export interface DiscardRequest {
  readonly id: bigint;
  readonly by: string;
  readonly reason: string;
}

/** Closes a dead letter of a failed payment for good, with the reason that an operator gives. */
export async function discardDeadLetter(pool: Pool, request: DiscardRequest): Promise<DiscardOutcome> {
  return await inTransaction(pool, (transaction) => discard(transaction, request), {
    // If nothing was written, a lost COMMIT does not matter. The letter records what was done, whoever did it, and that is the answer.
    isWritten: async (queryable, { kind }) =>
      kind !== 'discarded' || (await readLetterAction(queryable, request.id)) === kind,
  });
}

/** The payment's inquiry is locked before the letter, as test/locks/lock-order.ts says. */
async function discard(transaction: Transaction, request: DiscardRequest): Promise<DiscardOutcome> {
  const named = await readPaymentOfLetter(transaction, request.id);
  if (!named) return { kind: 'not_found' };
  await lockInquiries(transaction, [named.paymentId]);
  const letter = await lockDeadLetter(transaction, request.id);
  assert(letter, 'dead letters are never deleted');
  if (letter.action) return { kind: 'already_handled', action: letter.action };
  if (isOutcomeUnknown(letter)) return { kind: 'outcome_unknown' };
  await closeDeadLetter(transaction, {
    ...request,
    action: 'discarded',
    redrivenPaymentId: null,
    overriddenEvidence: null,
  });
  failpoint('discard.before_commit');
  return { kind: 'discarded', paymentId: letter.paymentId };
}
