import { strict as assert } from 'node:assert';
import type { Transaction } from '../../database/database.ts';
import { closeOvertakenAttempt, lockTask, takeTask } from '../../queue/take-task.sql.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { concludePayments } from '../conclude/conclude-payments.ts';
import { concludeUnknown } from '../conclude/conclude-unknown.ts';
import { contradictEvidence } from '../evidence/evidence.ts';
import { findSecondExecutions } from '../evidence/find-second-executions.ts';
import { lockLinkedPayments } from '../evidence/read-evidence.sql.ts';
import { lockAndReadEvidence } from '../evidence/read-evidence.ts';
import type { ReadPayment } from '../evidence/recorded-payment.sql.ts';
import { isConcluded, type RecordedPayment } from '../evidence/recorded-payment.ts';
import { readStandingPayment } from '../evidence/standing-payment.ts';
import { lockInquiries } from '../unknown/inquiries.sql.ts';
import { differencesOf } from './event-differences.ts';
import type { EventResult } from './gateway-event.ts';
import type { WaitingEvent } from './gateway-events.sql.ts';

/** A payment moves between the queue and the inquiries in one step, so a second look finds where it has gone. */
const MAX_LOOKS = 10;

/**
 * Applies an event to its payment: concludes an open one, and compares one that has ended.
 * @throws an error if the payment is open and cannot be found where open payments are.
 */
export async function applyEvent(
  transaction: Transaction,
  event: WaitingEvent,
  paymentId: bigint,
): Promise<AppliedEvent> {
  for (let looks = 1; looks <= MAX_LOOKS; looks += 1) {
    const payment = await readStandingPayment(transaction, paymentId);
    assert(payment, 'payments are never deleted');
    const differences = differencesOf(payment, event);
    if (isConcluded(payment)) {
      // A redrive in progress may be creating the payment that the event is about.
      await lockLinkedPayments(transaction, [paymentId], 'reference');
      const standing = await readStandingPayment(transaction, paymentId);
      if (standing?.paymentId !== payment.paymentId) continue;
    }
    if (differences.length > 0) return { result: 'exception', payment, differences, hasEnded: false };
    if (isConcluded(payment)) return { result: 'matched', payment, differences, hasEnded: false };
    const applied =
      (await concludeFromQueue(transaction, { event, payment })) ??
      (await concludeFromInquiry(transaction, { event, payment }));
    if (applied) return applied;
  }
  throw new Error(`payment ${paymentId} is open, but is neither in the queue nor among the inquiries`);
}

/** The result of an event, and the payment that it was about. */
interface AppliedEvent {
  readonly result: EventResult;
  readonly payment: RecordedPayment;
  readonly differences: readonly Difference[];
  readonly hasEnded: boolean;
  /** It was in the queue and failed, so it has a dead letter now. */
  readonly hasNewDeadLetter?: boolean;
}

/** A refusal ends nothing while there is evidence that the money moved: the payment stays where it is. */
async function contradictionOf(
  transaction: Transaction,
  { event, payment }: EventWithPayment,
): Promise<AppliedEvent | undefined> {
  if (event.status !== 'refused') return undefined;
  const evidence = await lockAndReadEvidence(transaction, payment.paymentId, 'chain');
  const difference = contradictEvidence(payment, { status: 'refused', source: 'callback' }, evidence);
  return difference && { result: 'exception', payment, differences: [difference], hasEnded: false };
}

/** What else a success means for a payment that a redrive made from another. */
async function secondExecutionsOf(
  transaction: Transaction,
  { event, payment }: EventWithPayment,
): Promise<Difference[]> {
  if (event.status !== 'succeeded' || payment.redriveOf === null) return [];
  await lockLinkedPayments(transaction, [payment.paymentId], 'chain');
  const { gatewayReference } = event;
  return await findSecondExecutions(transaction, { ...payment, gatewayReference }, 'callback');
}

interface EventWithPayment {
  readonly event: WaitingEvent;
  readonly payment: ReadPayment;
}

/**
 * Ends a payment that is in the queue. Its task is removed, so a worker that is calling the gateway for it finds its lease gone. The event
 * is about the payment, not about one call, so a refusal is final whatever the results of earlier calls.
 */
async function concludeFromQueue(
  transaction: Transaction,
  about: EventWithPayment,
): Promise<AppliedEvent | undefined> {
  const { event, payment } = about;
  if (!(await lockTask(transaction, payment))) return undefined;
  const contradiction = await contradictionOf(transaction, about);
  if (contradiction) return contradiction;
  const differences = await secondExecutionsOf(transaction, about);
  const task = await takeTask(transaction, payment);
  assert(task, 'the task is locked');
  const common = {
    payment,
    attempts: task.state === 'running' ? task.attempts + 1 : task.attempts,
  };
  await concludePayments(transaction, [
    event.status === 'succeeded'
      ? {
          ...common,
          status: 'success',
          gatewayReference: event.gatewayReference,
        }
      : {
          ...common,
          status: 'failed',
          error: refusalOf(event),
          deadLetter: 'refused',
        },
  ]);
  if (task.state === 'running') {
    const { paymentId } = payment;
    await closeOvertakenAttempt(transaction, {
      paymentId,
      runLease: task.runLease,
      by: 'a gateway callback',
    });
  }
  const hasNewDeadLetter = event.status === 'refused';
  return { result: 'concluded', payment, differences, hasEnded: true, hasNewDeadLetter };
}

async function concludeFromInquiry(
  transaction: Transaction,
  about: EventWithPayment,
): Promise<AppliedEvent | undefined> {
  const { event, payment } = about;
  if ((await lockInquiries(transaction, [payment.paymentId])) === 0) return undefined;
  const contradiction = await contradictionOf(transaction, about);
  if (contradiction) return contradiction;
  const differences = await secondExecutionsOf(transaction, about);
  const verdict =
    event.status === 'succeeded'
      ? {
          kind: 'succeeded' as const,
          gatewayReference: event.gatewayReference,
          by: 'gateway callback',
          reason: `event ${event.eventId}`,
        }
      : { kind: 'failed' as const, reason: 'refused' as const, error: refusalOf(event) };
  await concludeUnknown(transaction, { payment, verdict, resolvedBy: 'gateway' });
  return { result: 'concluded', payment, differences, hasEnded: true, hasNewDeadLetter: false };
}

function refusalOf({ message }: WaitingEvent): string {
  return `refused: ${message ?? 'the gateway gave no reason'}`;
}
