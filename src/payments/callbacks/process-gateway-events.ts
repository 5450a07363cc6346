import type { Pool, Transaction } from '../../database/database.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import { recordDifferences } from '../../reconciliation/record-differences.sql.ts';
import { storableText } from '../../text/text.ts';
import { readRecordedPayments } from '../evidence/recorded-payment.sql.ts';
import { isConcluded, type RecordedPayment } from '../evidence/recorded-payment.ts';
import { applyEvent } from './apply-event.ts';
import { differencesOf, unknownPayment } from './event-differences.ts';
import { type EventKey, nameOfEvent, type ProcessedEvent, type UnprocessedEvent } from './gateway-event.ts';
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
  keys: readonly EventKey[],
): Promise<{ readonly processed: ProcessedEvent[]; readonly failed: UnprocessedEvent[] }> {
  const events = await readWaitingEvents(pool, keys);
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
        gateway: event.gateway,
        error: new Error('its wallet is locked by another transaction'),
      });
      continue;
    }
    try {
      const result = await processOne(pool, event, paymentOf(event));
      if (result) processed.push(result);
    } catch (error) {
      failed.push({ eventId: event.eventId, gateway: event.gateway, error });
      const { kind, isUnavailable } = classifyDatabaseError(error);
      if (kind === 'lock_timeout' && walletId !== undefined) lockedWalletIds.add(walletId);
      if (isUnavailable) continue;
      const message = storableText(error instanceof Error ? error.message : String(error), 500);
      await postponeEvent(pool, { eventId: event.eventId, gateway: event.gateway, error: message });
    }
  }
  return { processed, failed };
}

/** If a row stays locked for longer, do not hold up the following events; the sweep comes back to this one. */
const LOCK_WAIT_MS = 500;

async function finishMatched(pool: Pool, events: readonly WaitingEvent[]): Promise<ProcessedEvent[]> {
  if (events.length === 0) return [];
  const finished = await finishEvents(pool, { events, result: 'matched' });
  return events
    .filter((event) => finished.has(nameOfEvent(event)))
    .map((event) => ({ ...event, result: 'matched', ended: null, newDifferences: [] }));
}

async function processOne(
  pool: Pool,
  event: WaitingEvent,
  payment: RecordedPayment | undefined,
): Promise<ProcessedEvent | undefined> {
  const work = async (transaction: Transaction) => {
    if (!(await lockWaitingEvent(transaction, event))) return undefined;
    const applied = payment && (await applyEvent(transaction, event, payment.paymentId));
    const result = applied?.result ?? 'exception';
    const newDifferences = await recordDifferences(
      transaction,
      applied?.differences ?? [unknownPayment(event)],
    );
    const paymentId = applied?.payment.paymentId ?? null;
    await finishEvents(transaction, { events: [event], result, paymentId });
    const ended = applied?.hasEnded
      ? { payment: applied.payment, hasNewDeadLetter: applied.hasNewDeadLetter ?? false }
      : null;
    failpoint('callback.before_commit');
    return { ...event, paymentId: paymentId ?? event.paymentId, result, ended, newDifferences };
  };
  const processed = await inTransaction(pool, work, { lockWaitMs: LOCK_WAIT_MS });
  failpoint('callback.after_commit');
  return processed;
}
