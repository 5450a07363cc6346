import type { Knex } from '../../database/database.ts';
import { listDeadLettersOfPayment } from '../../dead-letters/read-dead-letters.sql.ts';
import { listDifferences } from '../../reconciliation/read-differences.sql.ts';
import { findPayment, listAttempts } from './read-payments.sql.ts';
import {
  findHold,
  listCallbacks,
  listInquiryAnswers,
  listResolutions,
  listTransactions,
} from './read-timeline.sql.ts';
import { findInquiry } from './read-unknown-payments.sql.ts';
import { mergeTimeline, type TimelineItem } from './timeline.ts';
import type { InquiryState } from './unknown-payment.ts';

const MOST_DIFFERENCES = 500;

export interface PaymentTimeline {
  /** The currency of every amount in it. */
  readonly currency: string;
  /** The name of the gateway that the payment goes to. */
  readonly gateway: string;
  readonly items: readonly TimelineItem[];
  /** The state of the inquiry; undefined if the gateway is not being asked. */
  readonly inquiry: InquiryState | undefined;
}

/** Reads everything that happened to a payment; undefined if there is no such payment. */
export async function readTimeline(knex: Knex, paymentId: bigint): Promise<PaymentTimeline | undefined> {
  // Use one snapshot, so that the writes of one transaction are seen together or not at all.
  return await knex.transaction(
    async (snapshot) => {
      const payment = await findPayment(snapshot, paymentId);
      if (!payment) return undefined;
      const inquiry = await findInquiry(snapshot, paymentId);
      const items = mergeTimeline({
        payment,
        attempts: await listAttempts(snapshot, paymentId),
        callbacks: await listCallbacks(snapshot, paymentId),
        inquiries: await listInquiryAnswers(snapshot, paymentId),
        hold: payment.transactionStatus === 'none' ? undefined : await findHold(snapshot, paymentId),
        transactions: await listTransactions(snapshot, paymentId),
        deadLetters: await listDeadLettersOfPayment(snapshot, paymentId),
        resolutions: await listResolutions(snapshot, paymentId),
        differences: (await listDifferences(snapshot, { state: 'all', paymentId, limit: MOST_DIFFERENCES }))
          .items,
        needsReviewAt: inquiry?.needsReviewAt ?? null,
      });
      return { currency: payment.currency, gateway: payment.gateway, items, inquiry };
    },
    { isolationLevel: 'repeatable read', readOnly: true },
  );
}
