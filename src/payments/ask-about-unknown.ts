import type { InquiryOutcome, PaymentGateway } from '../gateway/payment-gateway.ts';
import { findSystemAccounts } from '../ledger/system-accounts.ts';
import type { NewException } from '../reconciliation/exception.ts';
import { recordExceptions } from '../reconciliation/record-exception.sql.ts';
import type { Pool } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import { inTransaction } from '../shared/transaction.ts';
import {
  claimDueInquiries,
  type DueInquiry,
  type InquiryAnswer,
  insertInquiryAnswer,
  postponeInquiry,
  takeInquiry,
} from './ask-about-unknown.sql.ts';
import { concludeUnknown, type Verdict } from './conclude-unknown.ts';
import { decideAfterInquiry, type InquiryDecision } from './decide-after-inquiry.ts';
import { findDifferences } from './find-differences.ts';
import { definiteWordOf } from './gateway-word.ts';
import { readRecordedPayments } from './recorded-payment.sql.ts';

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
  /** Differences between the gateway's word and ours that nobody had reported before. */
  readonly newExceptions: readonly NewException[];
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
      await insertInquiryAnswer(options.pool, inquiry, describeAnswer(answer));
      const applied = await applyInquiryDecision(options.pool, { inquiry, answer, decision });
      return { payment: inquiry, decision, ...applied };
    }),
  );
}

interface AnsweredInquiry {
  readonly inquiry: DueInquiry;
  readonly answer: InquiryOutcome;
  readonly decision: InquiryDecision;
}

async function applyInquiryDecision(
  pool: Pool,
  { inquiry, answer, decision }: AnsweredInquiry,
): Promise<Pick<AskedPayment, 'isConcluded' | 'newExceptions'>> {
  if (decision.kind === 'ask_again') {
    await postponeInquiry(pool, inquiry, decision);
    return { isConcluded: false, newExceptions: [] };
  }
  if (decision.kind === 'disputed') {
    const newExceptions = await recordExceptions(pool, decision.differences);
    await postponeInquiry(pool, inquiry, decision);
    return { isConcluded: false, newExceptions };
  }
  const accounts = new Map([[inquiry.currency, await findSystemAccounts(pool, inquiry.currency)]]);
  const isConcluded = await inTransaction(pool, async (transaction) => {
    if (!(await takeInquiry(transaction, inquiry))) return false;
    await concludeUnknown(transaction, { payment: inquiry, verdict: verdictOf(decision), accounts });
    failpoint('inquiry.before_commit');
    return true;
  });
  failpoint('inquiry.after_commit');
  const newExceptions = isConcluded ? [] : await compareLateAnswer(pool, { inquiry, answer, decision });
  return { isConcluded, newExceptions };
}

/**
 * The payment was a person's, a callback's or another worker's to end, and may have ended meanwhile. The answer changes
 * nothing any more, but must not be lost when it says otherwise.
 */
async function compareLateAnswer(
  pool: Pool,
  { inquiry: { paymentId }, answer }: AnsweredInquiry,
): Promise<NewException[]> {
  const word = definiteWordOf(answer);
  const payment = word && (await readRecordedPayments(pool, [paymentId])).get(paymentId);
  return payment ? await recordExceptions(pool, findDifferences(payment, word, 'inquiry')) : [];
}

function verdictOf(decision: Extract<InquiryDecision, { kind: 'succeeded' | 'failed' }>): Verdict {
  return decision.kind === 'succeeded' ? { ...decision, by: 'gateway inquiry', reason: null } : decision;
}

function describeAnswer(answer: InquiryOutcome): InquiryAnswer {
  if (answer.kind === 'succeeded') return { answer: 'succeeded', detail: answer.gatewayReference };
  return { answer: answer.kind, detail: answer.kind === 'not_found' ? null : answer.message };
}
