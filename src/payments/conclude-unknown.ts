import type { SystemAccounts } from '../ledger/system-accounts.ts';
import { explainDeadLetter, lockOpenDeadLetter, resolveDeadLetter } from '../queue/dead-letters.sql.ts';
import type { Transaction } from '../shared/database.ts';
import { concludePayments } from './conclude-payments.ts';
import type { Conclusion } from './conclusion.ts';
import { removeInquiry } from './handle-dead-letter.sql.ts';

/** How a payment of unknown outcome ended, and on whose word. */
export type Verdict =
  | {
      readonly kind: 'succeeded';
      readonly gatewayReference: string | null;
      /** For the dead letter: who said so, and why they were believed. */
      readonly by: string;
      readonly reason: string | null;
    }
  | { readonly kind: 'failed'; readonly reason: 'refused' | 'attempts_exhausted'; readonly error: string };

/**
 * Ends a payment whose outcome was unknown, inside the caller's transaction, which has locked its inquiry. An inquiry, a
 * callback and a person all come through here.
 * Locks are taken in the order of lock-order.ts.
 * A payment that turns out to have failed leaves its letter open and explained: an operator can redrive or discard it.
 */
export async function concludeUnknown(
  transaction: Transaction,
  {
    payment,
    verdict,
    accounts,
  }: {
    readonly payment: Conclusion['payment'];
    readonly verdict: Verdict;
    readonly accounts: ReadonlyMap<string, SystemAccounts>;
  },
): Promise<void> {
  const { paymentId } = payment;
  await removeInquiry(transaction, paymentId);
  await lockOpenDeadLetter(transaction, paymentId);
  const common = { payment, attempts: 0, deadLetter: null, firstInquiryMs: 0 };
  if (verdict.kind === 'succeeded') {
    const { gatewayReference, by, reason } = verdict;
    await concludePayments(
      transaction,
      [{ ...common, status: 'success', gatewayReference, error: null }],
      accounts,
    );
    await resolveDeadLetter(transaction, { paymentId, by, reason });
    return;
  }
  const { error, reason } = verdict;
  await concludePayments(
    transaction,
    [{ ...common, status: 'failed', gatewayReference: null, error }],
    accounts,
  );
  await explainDeadLetter(transaction, { paymentId, reason, error });
}
