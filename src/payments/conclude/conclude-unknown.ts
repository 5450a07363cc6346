import type { Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import {
  explainDeadLetter,
  lockOpenDeadLetter,
  resolveDeadLetter,
} from '../../dead-letters/letters/dead-letters.sql.ts';
import { writeEvents } from '../../events/write-events.sql.ts';
import { eventOfResolved } from '../payment-events.ts';
import { removeInquiry } from '../unknown/inquiries.sql.ts';
import { concludePayments } from './conclude-payments.ts';
import type { Conclusion, FailureReason } from './conclusion.ts';

/** How a payment of unknown outcome ended, and who said so. */
export type Verdict =
  | {
      readonly kind: 'succeeded';
      readonly gatewayReference: string | null;
      /** For the dead letter: who said so, and on what grounds. */
      readonly by: string;
      readonly reason: string | null;
    }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly error: string };

/**
 * Ends a payment whose outcome was unknown, inside the caller's transaction, which has locked its inquiry. Inquiries, callbacks and people
 * all use this. Locks are taken in the order of test/locks/lock-order.ts. If the payment failed, its dead letter stays open with an explanation, so
 * that an operator can redrive or discard it.
 */
export async function concludeUnknown(
  transaction: Transaction,
  {
    payment,
    verdict,
    resolvedBy,
  }: {
    readonly payment: Conclusion['payment'];
    readonly verdict: Verdict;
    /** Who knew: the gateway, in an answer or a callback, or a person. */
    readonly resolvedBy: 'gateway' | 'operator';
  },
): Promise<void> {
  await removeInquiry(transaction, payment);
  await lockOpenDeadLetter(transaction, payment);
  if (verdict.kind === 'succeeded') {
    const { gatewayReference, by, reason } = verdict;
    await concludePayments(transaction, [{ payment, attempts: 0, status: 'success', gatewayReference }]);
    await sentTogether([
      resolveDeadLetter(transaction, payment, { by, reason }),
      writeEvents(transaction, [eventOfResolved(payment, { status: 'success', by: resolvedBy })]),
    ]);
    return;
  }
  const { error, reason } = verdict;
  await concludePayments(transaction, [{ payment, attempts: 0, status: 'failed', error, deadLetter: null }]);
  await sentTogether([
    explainDeadLetter(transaction, payment, { reason, error }),
    writeEvents(transaction, [eventOfResolved(payment, { status: 'failed', by: resolvedBy })]),
  ]);
}
