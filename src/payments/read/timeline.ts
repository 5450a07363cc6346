import type { DeadLetter } from '../../dead-letters/dead-letter.ts';
import type { AccountKind } from '../../ledger/system-accounts.ts';
import type { InquiryWord } from '../../queue/task.ts';
import type { RecordedDifference } from '../../reconciliation/read-differences.sql.ts';
import type { EventResult, GatewayEvent } from '../callbacks/gateway-event.ts';
import type { EvidenceStatement } from '../evidence/evidence.ts';
import type { Payment, PaymentAttempt } from '../payment.ts';
import type { ResolutionOutcome } from '../unknown/resolution-outcome.ts';

/** What a payment holds from its acceptance until its outcome is known. */
export interface TimelineHold {
  readonly amountMinor: bigint;
  /** When it was released because the money did not move; null while it is held, and if it was posted. */
  readonly releasedAt: Date | null;
}

/** One leg of a ledger transaction of a payment, credit-positive. */
export interface TimelineEntry {
  readonly account: AccountKind;
  readonly accountId: bigint;
  readonly amountMinor: bigint;
}

export interface TimelineTransaction {
  readonly transactionId: bigint;
  readonly step: string;
  readonly createdAt: Date;
  readonly entries: readonly TimelineEntry[];
}

export interface TimelineCallback extends GatewayEvent {
  readonly receivedAt: Date;
  readonly processedAt: Date | null;
  readonly result: EventResult | null;
  readonly deliveryCount: number;
}

export interface TimelineInquiry {
  readonly askedAt: Date;
  readonly askedCount: number;
  readonly answer: InquiryWord;
  readonly detail: string | null;
}

export interface TimelineResolution {
  readonly createdAt: Date;
  readonly outcome: ResolutionOutcome;
  readonly by: string;
  readonly reason: string;
  readonly evidence: string;
  readonly gatewayReference: string | null;
  /** The evidence that the money moved, if the person overrode it. */
  readonly overriddenEvidence: readonly EvidenceStatement[] | null;
}

/** Everything that happened to a payment, by where it is stored. */
export interface PaymentHistory {
  readonly payment: Payment;
  readonly attempts: readonly PaymentAttempt[];
  readonly callbacks: readonly TimelineCallback[];
  readonly inquiries: readonly TimelineInquiry[];
  /** undefined for a deposit, and for a withdrawal that was refused for insufficient funds. */
  readonly hold: TimelineHold | undefined;
  readonly transactions: readonly TimelineTransaction[];
  readonly deadLetters: readonly DeadLetter[];
  readonly resolutions: readonly TimelineResolution[];
  readonly differences: readonly RecordedDifference[];
  readonly needsReviewAt: Date | null;
}

export type TimelineItem = { readonly at: Date } & (
  | { readonly kind: 'accepted' }
  | { readonly kind: 'held' | 'released'; readonly hold: TimelineHold }
  | { readonly kind: 'ledger'; readonly transaction: TimelineTransaction }
  | { readonly kind: 'attempt'; readonly attempt: PaymentAttempt }
  | { readonly kind: 'inquiry'; readonly inquiry: TimelineInquiry }
  | { readonly kind: 'callback'; readonly callback: TimelineCallback }
  | { readonly kind: 'dead_letter'; readonly letter: DeadLetter }
  | { readonly kind: 'needs_review' }
  | { readonly kind: 'resolution'; readonly resolution: TimelineResolution }
  | { readonly kind: 'dead_letter_closed'; readonly letter: DeadLetter }
  | { readonly kind: 'exception'; readonly difference: RecordedDifference }
  | { readonly kind: 'exception_closed'; readonly difference: RecordedDifference }
);

/** Everything that one transaction wrote has the same time; this order puts causes before effects. */
const ORDER: readonly TimelineItem['kind'][] = [
  'accepted',
  'held',
  'attempt',
  'inquiry',
  'callback',
  'needs_review',
  'resolution',
  'released',
  'ledger',
  'dead_letter',
  'dead_letter_closed',
  'exception',
  'exception_closed',
];

/** Puts everything that happened to a payment in order, oldest first. Pure. */
export function mergeTimeline(history: PaymentHistory): TimelineItem[] {
  const { payment, hold, needsReviewAt } = history;
  const items: TimelineItem[] = [
    { kind: 'accepted', at: payment.createdAt },
    ...(hold ? [{ kind: 'held' as const, at: payment.createdAt, hold }] : []),
    ...(hold?.releasedAt ? [{ kind: 'released' as const, at: hold.releasedAt, hold }] : []),
    ...history.transactions.map((transaction) => ({
      kind: 'ledger' as const,
      at: transaction.createdAt,
      transaction,
    })),
    ...history.attempts.map((attempt) => ({ kind: 'attempt' as const, at: attempt.startedAt, attempt })),
    ...history.inquiries.map((inquiry) => ({ kind: 'inquiry' as const, at: inquiry.askedAt, inquiry })),
    ...history.callbacks.map((callback) => ({
      kind: 'callback' as const,
      at: callback.receivedAt,
      callback,
    })),
    ...history.deadLetters.flatMap((letter) => [
      { kind: 'dead_letter' as const, at: letter.createdAt, letter },
      ...(letter.actionAt ? [{ kind: 'dead_letter_closed' as const, at: letter.actionAt, letter }] : []),
    ]),
    ...history.resolutions.map((resolution) => ({
      kind: 'resolution' as const,
      at: resolution.createdAt,
      resolution,
    })),
    ...history.differences.flatMap((difference) => [
      { kind: 'exception' as const, at: difference.createdAt, difference },
      ...(difference.closedAt
        ? [{ kind: 'exception_closed' as const, at: difference.closedAt, difference }]
        : []),
    ]),
    ...(needsReviewAt ? [{ kind: 'needs_review' as const, at: needsReviewAt }] : []),
  ];
  return items.sort(
    (a, b) => a.at.getTime() - b.at.getTime() || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind),
  );
}
