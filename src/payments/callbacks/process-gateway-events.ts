import { strict as assert } from 'node:assert';
import type { Pool, Transaction } from '../../database/database.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import { closeOvertakenAttempt, lockTask, takeTask } from '../../queue/take-task.sql.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { recordDifferences } from '../../reconciliation/record-differences.sql.ts';
import { storableText } from '../../text/text.ts';
import { concludePayments } from '../conclude/conclude-payments.ts';
import { concludeUnknown } from '../conclude/conclude-unknown.ts';
import { contradictEvidence } from '../evidence/evidence.ts';
import { findDifferences } from '../evidence/find-differences.ts';
import { findSecondExecutions } from '../evidence/find-second-executions.ts';
import { describeUnknownPayment } from '../evidence/forgotten-payment.ts';
import { lockLinkedPayments } from '../evidence/read-evidence.sql.ts';
import { lockAndReadEvidence } from '../evidence/read-evidence.ts';
import { type ReadPayment, readRecordedPayments } from '../evidence/recorded-payment.sql.ts';
import { isConcluded, type RecordedPayment } from '../evidence/recorded-payment.ts';
import { readStandingPayment } from '../evidence/standing-payment.ts';
import { lockInquiries } from '../unknown/inquiries.sql.ts';
import type { EventResult, ProcessedEvent, UnprocessedEvent } from './gateway-event.ts';
import {
  finishEvents,
  lockWaitingEvent,
  postponeEvent,
  readWaitingEvents,
  type WaitingEvent,
} from './gateway-events.sql.ts';

/**
 * Applies stored events to their payments: an open payment is concluded, one that has ended is compared. If several payments share a
 * reference, the event applies to the open one, or else to the one that succeeded. Any number of processes may do this with the same events
 * at once and in any order: each event takes effect once. An event whose processing fails is postponed and reported; it does not hold up
 * the others.
 */
export async function processGatewayEvents(
  pool: Pool,
  eventIds: readonly string[],
): Promise<{ readonly processed: ProcessedEvent[]; readonly failed: UnprocessedEvent[] }> {
  const events = await readWaitingEvents(pool, eventIds);
  const payments = await readRecordedPayments(
    pool,
    events.flatMap(({ paymentId }) => paymentId ?? []),
  );
  const paymentOf = ({ paymentId }: WaitingEvent) =>
    paymentId === null ? undefined : payments.get(paymentId);

  // Most events repeat what the answer to the call already said: process those together, without other locks.
  const known = events.filter((event) => {
    const payment = paymentOf(event);
    return (
      payment && isConcluded(payment) && !payment.isRedriven && differencesOf(payment, event).length === 0
    );
  });
  const processed = await finishMatched(pool, known);
  const failed: UnprocessedEvent[] = [];
  const lockedWalletIds = new Set<bigint>();
  for (const event of events) {
    if (known.includes(event)) continue;
    const walletId = paymentOf(event)?.walletId;
    // Wait for a locked wallet only once; leave later events for it to the sweep.
    if (walletId !== undefined && lockedWalletIds.has(walletId)) {
      failed.push({
        eventId: event.eventId,
        error: new Error('its wallet is locked by another transaction'),
      });
      continue;
    }
    try {
      const result = await processOne(pool, event, paymentOf(event));
      if (result) processed.push(result);
    } catch (error) {
      failed.push({ eventId: event.eventId, error });
      const { kind, isUnavailable } = classifyDatabaseError(error);
      if (kind === 'lock_timeout' && walletId !== undefined) lockedWalletIds.add(walletId);
      if (isUnavailable) continue;
      const message = storableText(error instanceof Error ? error.message : String(error), 500);
      await postponeEvent(pool, { eventId: event.eventId, error: message });
    }
  }
  return { processed, failed };
}

/** If a row stays locked for longer, do not hold up the following events; the sweep comes back to this one. */
const LOCK_WAIT_MS = 500;

async function finishMatched(pool: Pool, events: readonly WaitingEvent[]): Promise<ProcessedEvent[]> {
  if (events.length === 0) return [];
  const eventIds = events.map(({ eventId }) => eventId);
  const finished = await finishEvents(pool, { eventIds, result: 'matched' });
  return events
    .filter(({ eventId }) => finished.has(eventId))
    .map((event) => ({ ...event, result: 'matched', ended: null, newDifferences: [] }));
}

async function processOne(
  pool: Pool,
  event: WaitingEvent,
  payment: RecordedPayment | undefined,
): Promise<ProcessedEvent | undefined> {
  const work = async (transaction: Transaction) => {
    if (!(await lockWaitingEvent(transaction, event.eventId))) return undefined;
    const brought = payment && (await bringToPayment(transaction, event, payment.paymentId));
    const result = brought?.result ?? 'exception';
    const newDifferences = await recordDifferences(
      transaction,
      brought?.differences ?? [unknownPayment(event)],
    );
    const paymentId = brought?.payment.paymentId ?? null;
    await finishEvents(transaction, { eventIds: [event.eventId], result, paymentId });
    const ended = brought?.hasEnded
      ? { payment: brought.payment, hasNewDeadLetter: brought.hasNewDeadLetter ?? false }
      : null;
    failpoint('callback.before_commit');
    return { ...event, paymentId: paymentId ?? event.paymentId, result, ended, newDifferences };
  };
  const processed = await inTransaction(pool, work, { lockWaitMs: LOCK_WAIT_MS });
  failpoint('callback.after_commit');
  return processed;
}

/** A payment moves between the queue and the inquiries in one step, so a second look finds where it has gone. */
const MAX_LOOKS = 10;

async function bringToPayment(
  transaction: Transaction,
  event: WaitingEvent,
  paymentId: bigint,
): Promise<Brought> {
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
    const brought =
      (await concludeFromQueue(transaction, { event, payment })) ??
      (await concludeFromInquiry(transaction, { event, payment }));
    if (brought) return brought;
  }
  throw new Error(`payment ${paymentId} is open, but is neither in the queue nor among the inquiries`);
}

/** The result of an event, and the payment that it was about. */
interface Brought {
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
): Promise<Brought | undefined> {
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
): Promise<Brought | undefined> {
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
): Promise<Brought | undefined> {
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
  await concludeUnknown(transaction, { payment, verdict });
  return { result: 'concluded', payment, differences, hasEnded: true, hasNewDeadLetter: false };
}

function differencesOf(payment: RecordedPayment, event: WaitingEvent): Difference[] {
  if (!event.isContradictory) return findDifferences(payment, { ...event, named: event }, 'callback');
  // Compare it as a success, which it may be: nobody who reads it later may release the money in spite of it.
  const claim = { ...event, status: 'succeeded' as const, named: event };
  const differences = findDifferences(payment, claim, 'callback');
  return differences.length > 0 || isConcluded(payment) ? differences : [selfContradiction(payment, event)];
}

/** It ends nothing, so a person must look at it: there may never be another event. */
function selfContradiction(payment: RecordedPayment, event: WaitingEvent): Difference {
  const { reference, amount, currency, type, gatewayReference } = event;
  return {
    paymentId: payment.paymentId,
    reference,
    kind: 'status_contradiction',
    source: 'callback',
    ours: { status: payment.status },
    theirs: {
      status: 'succeeded',
      is_contradictory: true,
      said: event.status,
      type,
      amount,
      currency,
      gateway_reference: gatewayReference,
    },
    dedupeKey: storableText(`status_contradiction:${reference}:contradictory`, 500),
  };
}

function unknownPayment(event: WaitingEvent): Difference {
  const { reference, status, gatewayReference, type, amount, currency } = event;
  const named = { reference, type, amount, currency };
  return describeUnknownPayment({ reference }, { status, gatewayReference, named }, 'callback');
}

function refusalOf({ message }: WaitingEvent): string {
  return `refused: ${message ?? 'the gateway gave no reason'}`;
}
