import type { PaymentTimeline } from '../../../payments/read/read-timeline.ts';
import type { TimelineCallback, TimelineItem, TimelineTransaction } from '../../../payments/read/timeline.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { renderDeadLetter } from '../dead-letters/render-dead-letter.ts';
import { renderDifference } from '../reconciliation/render-difference.ts';
import { renderInquiry } from '../unknown/render-unknown.ts';
import { renderAttempt } from './render-payment.ts';

export function renderTimeline(paymentId: bigint, { currency, gateway, items, inquiry }: PaymentTimeline) {
  return {
    payment_id: Number(paymentId),
    currency,
    gateway,
    inquiry: inquiry ? renderInquiry(inquiry) : null,
    items: items.map((item) => ({
      at: item.at.toISOString(),
      kind: item.kind,
      ...renderDetails(item, currency),
    })),
  };
}

function renderDetails(item: TimelineItem, currency: string) {
  switch (item.kind) {
    case 'accepted':
    case 'needs_review':
      return {};
    case 'held':
    case 'released':
      return { hold: renderAmounts({ amount: item.hold.amountMinor }, currency) };
    case 'ledger':
      return { transaction: renderTransaction(item.transaction, currency) };
    case 'attempt':
      return { attempt: renderAttempt(item.attempt) };
    case 'inquiry': {
      const { askedCount, answer, detail } = item.inquiry;
      return { inquiry: { asked_count: askedCount, answer, detail } };
    }
    case 'callback':
      return { callback: renderCallback(item.callback) };
    case 'resolution': {
      const { outcome, by, reason, evidence, gatewayReference, overriddenEvidence } = item.resolution;
      return {
        resolution: {
          outcome,
          by,
          reason,
          evidence,
          gateway_reference: gatewayReference,
          overridden_evidence: overriddenEvidence,
        },
      };
    }
    case 'dead_letter':
    case 'dead_letter_closed':
      return { dead_letter: renderDeadLetter(item.letter) };
    case 'exception':
    case 'exception_closed':
      return { exception: renderDifference(item.difference) };
  }
}

function renderTransaction({ transactionId, step, entries }: TimelineTransaction, currency: string) {
  return {
    transaction_id: Number(transactionId),
    step,
    entries: entries.map(({ account, accountId, amountMinor }) => ({
      account,
      account_id: Number(accountId),
      ...renderAmounts({ amount: amountMinor }, currency),
    })),
  };
}

function renderCallback(callback: TimelineCallback) {
  return {
    event_id: callback.eventId,
    status: callback.status,
    amount: callback.amount,
    currency: callback.currency,
    gateway_reference: callback.gatewayReference,
    message: callback.message,
    delivery_count: callback.deliveryCount,
    processed_at: callback.processedAt?.toISOString() ?? null,
    result: callback.result,
  };
}
