import type { Pool, Transaction } from '../../database/database.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import type { InquiryOutcome, PaymentGateway } from '../../gateway/port/payment-gateway.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { recordDifferences } from '../../reconciliation/record-differences.sql.ts';
import { concludeUnknown, type Verdict } from '../conclude/conclude-unknown.ts';
import { findDifferences } from '../evidence/find-differences.ts';
import { findSecondExecutions } from '../evidence/find-second-executions.ts';
import { describeUnknownPayment } from '../evidence/forgotten-payment.ts';
import { claimedWordOf } from '../evidence/gateway-word.ts';
import { lockAndReadEvidence } from '../evidence/read-evidence.ts';
import { readRecordedPayments } from '../evidence/recorded-payment.sql.ts';
import type { RecordedPayment } from '../evidence/recorded-payment.ts';
import { readStandingPayment } from '../evidence/standing-payment.ts';
import {
  claimDueInquiries,
  type DueInquiry,
  type InquiryAnswer,
  insertInquiryAnswer,
  lockAskedInquiry,
  postponeInquiry,
  readQuietMs,
} from './ask-about-unknown.sql.ts';
import { decideAfterInquiry, type InquiryDecision } from './decide-after-inquiry.ts';
import type { Steadiness, SteadyClock } from './steady-clock.ts';

export interface AskOptions {
  readonly pool: Pool;
  readonly gateway: PaymentGateway;
  /** Its name: only payments that were sent to it are asked about. null or left out: the gateway without a name. */
  readonly gatewayName?: string | null;
  readonly clock: SteadyClock;
  /** How long "not found" may still mean "not visible yet". */
  readonly notFoundGraceMs: number;
  /** How long one sweep's inquiries are kept from other workers, in case this worker is lost. */
  readonly claimMs: number;
  /** The inquiries of one sweep, which are made at the same time. */
  readonly limit: number;
}

export type AskedPayment = {
  readonly paymentId: bigint;
  /** Differences between the gateway's statements and our records that had not been reported before. */
  readonly newDifferences: readonly Difference[];
} & (
  | {
      readonly payment: RecordedPayment;
      readonly decision: InquiryDecision;
      /** Whether the decision ended the payment; false if it was to ask again, or if another had already ended it. */
      readonly isConcluded: boolean;
    }
  /** An earlier state of the database was restored during the inquiry: the payment is no longer known here. */
  | { readonly payment: null; readonly decision: { readonly kind: 'forgotten' }; readonly isConcluded: false }
);

/**
 * Asks the gateway about payments of unknown outcome whose next inquiry is due, and resolves those that the gateway knows. Any number of
 * workers may do this at once: each takes inquiries that no other has. No transaction is open during an inquiry.
 */
export async function askAboutUnknown(options: AskOptions): Promise<AskedPayment[]> {
  const steadiness = await options.clock.look();
  const due = await claimDueInquiries(options.pool, options);
  if (due.length > 0) failpoint('inquiry.after_claim');
  return await Promise.all(
    due.map(async (inquiry) => {
      const answer = await options.gateway.inquire(inquiry.reference);
      failpoint('inquiry.after_answer');
      // Store the answer first, in its own transaction: it is evidence, whatever happens to the rest.
      await insertInquiryAnswer(options.pool, inquiry, describeAnswer(answer));
      const steadyForMs = await steadyUntilAnswered(answer, steadiness, options.clock);
      return await applyAnswer(inquiry, answer, { ...options, steadyForMs });
    }),
  );
}

/** How much time had certainly passed when the gateway was asked; none if the clock jumped before it answered. */
async function steadyUntilAnswered(
  answer: InquiryOutcome,
  whenAsked: Steadiness,
  clock: SteadyClock,
): Promise<number> {
  // Time matters to no other answer.
  if (answer.kind !== 'not_found') return 0;
  const { changeCount } = await clock.look();
  return changeCount === whenAsked.changeCount ? whenAsked.steadyForMs : 0;
}

/**
 * Decides on an answer with everything read again under the locks of the inquiry and the payment: evidence recorded during the inquiry
 * counts, and so does a redrive that has put the payment back in the queue.
 */
async function applyAnswer(
  inquiry: DueInquiry,
  answer: InquiryOutcome,
  { pool, notFoundGraceMs, steadyForMs }: AskOptions & { readonly steadyForMs: number },
): Promise<AskedPayment> {
  const { paymentId, reference } = inquiry;
  const asked = await inTransaction(pool, async (transaction): Promise<AskedPayment> => {
    const open = await lockAskedInquiry(transaction, inquiry);
    // A late answer fails nothing, so it must not lock an old payment while it waits for a newer one that is being settled.
    const evidence = await lockAndReadEvidence(transaction, paymentId, open ? 'chain' : 'reference');
    const payment = (await readRecordedPayments(transaction, [paymentId])).get(paymentId);
    if (payment?.reference !== reference) {
      const newDifferences = await recordForgotten(transaction, { inquiry, answer });
      return {
        paymentId,
        payment: null,
        decision: { kind: 'forgotten' },
        isConcluded: false,
        newDifferences,
      };
    }
    const heard = { paymentId, payment, isConcluded: false };
    if (!open) return { ...heard, ...(await compareLateAnswer(transaction, { inquiry, answer })) };
    const quietMs = await readQuietMs(transaction, inquiry);
    const quietForMs = Math.min(open.quietForMs, quietMs ?? open.quietForMs);
    const decision = decideAfterInquiry(payment, { ...open, quietForMs }, answer, {
      notFoundGraceMs,
      steadyForMs,
      evidence,
    });
    if (decision.kind === 'succeeded' || decision.kind === 'failed') {
      const seconds =
        decision.kind === 'succeeded'
          ? await findSecondExecutions(transaction, { ...payment, ...decision }, 'inquiry')
          : [];
      await concludeUnknown(transaction, {
        payment,
        verdict: verdictOf(decision),
        resolvedBy: 'gateway',
      });
      const newDifferences = await recordDifferences(transaction, seconds);
      failpoint('inquiry.before_commit');
      return { paymentId, payment, decision, isConcluded: true, newDifferences };
    }
    const differences = decision.kind === 'disputed' ? decision.differences : [];
    const newDifferences = await recordDifferences(transaction, differences);
    await postponeInquiry(transaction, inquiry, decision);
    return { ...heard, decision, newDifferences };
  });
  if (asked.isConcluded) failpoint('inquiry.after_commit');
  return asked;
}

/**
 * A person, a callback or another worker may have ended the payment in the meantime. The answer then changes nothing, but must not be lost
 * if it disagrees.
 */
async function compareLateAnswer(
  transaction: Transaction,
  { inquiry, answer }: { readonly inquiry: DueInquiry; readonly answer: InquiryOutcome },
): Promise<{
  readonly decision: InquiryDecision;
  readonly newDifferences: Difference[];
}> {
  const word = claimedWordOf(answer);
  const standing = word && (await readStandingPayment(transaction, inquiry.paymentId));
  const differences = standing ? findDifferences(standing, word, 'inquiry') : [];
  return {
    decision: { kind: 'late', answer: answer.kind },
    newDifferences: await recordDifferences(transaction, differences),
  };
}

/** Keep the gateway's answer visible, although the payment is not known here. */
async function recordForgotten(
  transaction: Transaction,
  { inquiry, answer }: { readonly inquiry: DueInquiry; readonly answer: InquiryOutcome },
): Promise<Difference[]> {
  const word = claimedWordOf(answer);
  return word ? await recordDifferences(transaction, [describeUnknownPayment(inquiry, word, 'inquiry')]) : [];
}

function verdictOf(decision: Extract<InquiryDecision, { kind: 'succeeded' | 'failed' }>): Verdict {
  return decision.kind === 'succeeded' ? { ...decision, by: 'gateway inquiry', reason: null } : decision;
}

function describeAnswer(answer: InquiryOutcome): InquiryAnswer {
  if (answer.kind === 'succeeded')
    return { answer: 'succeeded', errorClass: null, detail: answer.gatewayReference };
  if (answer.kind === 'not_found') return { answer: 'not_found', errorClass: null, detail: null };
  return { answer: answer.kind, errorClass: answer.errorClass, detail: answer.message };
}
