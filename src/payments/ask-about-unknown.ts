import type { PaymentGateway } from '../gateway/payment-gateway.ts';
import { findSystemAccounts } from '../ledger/system-accounts.ts';
import { explainDeadLetter, resolveDeadLetter } from '../queue/dead-letters.sql.ts';
import type { Pool } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import { inTransaction } from '../shared/transaction.ts';
import { claimDueInquiries, type DueInquiry, postponeInquiry, takeInquiry } from './ask-about-unknown.sql.ts';
import { concludePayments } from './conclude-payments.ts';
import { decideAfterInquiry, type InquiryDecision } from './decide-after-inquiry.ts';

export interface AskOptions {
  readonly pool: Pool;
  readonly gateway: PaymentGateway;
  /** How long "not found" may still mean "not visible yet". */
  readonly notFoundGraceMs: number;
  /** How long one sweep's questions are kept from other workers, in case this one is lost. */
  readonly leaseMs: number;
  /** Questions of one sweep; they are asked at the same time. */
  readonly limit: number;
}

export interface AskedPayment {
  readonly payment: DueInquiry;
  readonly decision: InquiryDecision;
  /** The decision ended the payment; false when it was to ask again, or when another had ended it before. */
  readonly isConcluded: boolean;
}

/**
 * Asks the gateway about payments whose outcome is unknown and whose next question is due, and resolves those that it knows.
 * Any number of workers may do it at once: each takes questions that no other has. No transaction is open while it asks.
 */
export async function askAboutUnknown(options: AskOptions): Promise<AskedPayment[]> {
  const due = await claimDueInquiries(options.pool, options);
  if (due.length > 0) failpoint('inquiry.after_claim');
  return await Promise.all(
    due.map(async (inquiry) => {
      const answer = await options.gateway.inquire(inquiry.reference);
      failpoint('inquiry.after_answer');
      const decision = decideAfterInquiry(inquiry, answer, options);
      const isConcluded = await applyInquiryDecision(options.pool, inquiry, decision);
      return { payment: inquiry, decision, isConcluded };
    }),
  );
}

async function applyInquiryDecision(
  pool: Pool,
  inquiry: DueInquiry,
  decision: InquiryDecision,
): Promise<boolean> {
  if (decision.kind === 'ask_again') {
    await postponeInquiry(pool, inquiry, decision);
    return false;
  }
  const accounts = new Map([[inquiry.currency, await findSystemAccounts(pool, inquiry.currency)]]);
  const isConcluded = await inTransaction(pool, async (transaction) => {
    // Gone when an operator put the payment back in the queue, or another worker resolved it: then it is theirs.
    if (!(await takeInquiry(transaction, inquiry))) return false;
    const { paymentId } = inquiry;
    const common = { payment: inquiry, attempts: 0, deadLetter: null, firstInquiryMs: 0 };
    if (decision.kind === 'succeeded') {
      const { gatewayReference } = decision;
      await concludePayments(
        transaction,
        [{ ...common, status: 'success', gatewayReference, error: null }],
        accounts,
      );
      await resolveDeadLetter(transaction, paymentId);
    } else {
      const { error, reason } = decision;
      await concludePayments(
        transaction,
        [{ ...common, status: 'failed', gatewayReference: null, error }],
        accounts,
      );
      await explainDeadLetter(transaction, { paymentId, reason, error });
    }
    failpoint('inquiry.before_commit');
    return true;
  });
  failpoint('inquiry.after_commit');
  return isConcluded;
}
