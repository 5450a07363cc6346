import type { Pool } from '../../database/database.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { DEFAULT_GATEWAY } from '../../gateway/port/default-gateway.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { recordDifferences } from '../../reconciliation/record-differences.sql.ts';
import { cutText } from '../../text/text.ts';
import { type EventReceipt, type GatewayEvent, nameOfEvent } from './gateway-event.ts';
import { insertGatewayEvents, type ReceivedEvent } from './gateway-events.sql.ts';

export interface StoreResult {
  /** For each event, in order: whether its id was already known. */
  readonly results: readonly EventReceipt[];
  /** Events with a known id but different content, if they had not been reported before. */
  readonly newDifferences: readonly Difference[];
}

/**
 * Stores events as they arrive, each id once. Once this resolves, they are durable. A known id with different content is not a repeat. It
 * is not applied, because the id was used, and not dropped either: it is recorded as a difference.
 * @param lockWaitMs how long to wait for a known event that somebody else has locked.
 */
export async function storeGatewayEvents(
  pool: Pool,
  events: readonly ReceivedEvent[],
  { lockWaitMs }: { readonly lockWaitMs?: number } = {},
): Promise<StoreResult> {
  const firsts = new Map<string, ReceivedEvent>();
  for (const event of events) if (!firsts.has(nameOfEvent(event))) firsts.set(nameOfEvent(event), event);
  failpoint('callback.before_store');
  const distinct = [...firsts.values()];
  const stored =
    lockWaitMs === undefined
      ? await insertGatewayEvents(pool, distinct)
      : await inTransaction(pool, (transaction) => insertGatewayEvents(transaction, distinct), {
          lockWaitMs,
        });
  failpoint('callback.after_store');
  const isNew = (event: ReceivedEvent) =>
    firsts.get(nameOfEvent(event)) === event && stored.get(nameOfEvent(event))?.isNew === true;
  const differences = events.flatMap((event) => {
    const first = stored.get(nameOfEvent(event));
    return first && saysSomethingElse(first, event) ? [reusedId(first, event)] : [];
  });
  return {
    results: events.map((event) => (isNew(event) ? 'stored' : 'duplicate')),
    newDifferences:
      differences.length === 0
        ? []
        : await inTransaction(pool, (transaction) => recordDifferences(transaction, differences)),
  };
}

function saysSomethingElse(a: GatewayEvent, b: GatewayEvent): boolean {
  return wordsOf(a) !== wordsOf(b);
}

function wordsOf(event: GatewayEvent): string {
  const { reference, status, amount, currency, type, gatewayReference, isContradictory = false } = event;
  const words = [reference, status, amount, currency, type, gatewayReference];
  return JSON.stringify(isContradictory ? [...words, 'contradictory'] : words);
}

function reusedId(first: GatewayEvent, again: GatewayEvent): Difference {
  return {
    paymentId: null,
    reference: again.reference,
    kind: 'duplicate',
    source: 'callback',
    ours: statementOf(first),
    theirs: statementOf(again),
    dedupeKey: cutText(`event:${keyOfDifference(again)}:${wordsOf(again)}`, 1000),
  };
}

/** The id alone for the gateway without a name: another's may have the same. */
function keyOfDifference(event: GatewayEvent): string {
  return event.gateway === DEFAULT_GATEWAY ? event.eventId : nameOfEvent(event);
}

function statementOf({ eventId, reference, status, amount, currency, type, gatewayReference }: GatewayEvent) {
  return {
    event_id: eventId,
    reference,
    status,
    type,
    amount,
    currency,
    gateway_reference: gatewayReference,
  };
}
