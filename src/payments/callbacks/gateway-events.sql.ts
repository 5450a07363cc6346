import type { Queryable, Transaction } from '../../database/database.ts';
import { DEFAULT_GATEWAY } from '../../gateway/port/default-gateway.ts';
import { paymentIdOfReference } from '../payment-reference.ts';
import { type EventKey, type EventResult, type GatewayEvent, nameOfEvent } from './gateway-event.ts';

/** An event with the bytes that were signed, as text. */
export interface ReceivedEvent extends GatewayEvent {
  readonly rawBody: string;
}

export interface StoredEvent extends GatewayEvent {
  readonly isNew: boolean;
}

/** How long the process that stored an event may take to process it before a sweep takes over. */
const SWEEP_AFTER_MS = 2000;

/**
 * Stores events with different ids and returns each as it is stored, by `nameOfEvent`: a known id keeps its original content. Rows are
 * written in the order of their ids, so that two processes that store the same events cannot deadlock. An event is given only to a payment
 * that its own gateway was asked to carry out: no gateway has a say about the payments of another.
 */
export async function insertGatewayEvents(
  queryable: Queryable,
  events: readonly ReceivedEvent[],
): Promise<Map<string, StoredEvent>> {
  const sorted = inOrder(events);
  const { rows } = await queryable.query<StoredEvent>({
    name: 'payments-insert-gateway-events',
    text: `
      insert into gateway_events
        (event_id, reference, status, amount, currency, type, gateway_reference, message, raw_body, payment_id, next_try_at,
         is_contradictory, gateway)
      select event.event_id, event.reference, event.status, event.amount, event.currency, event.type,
             event.gateway_reference, event.message, event.raw_body, payment.id, now() + $10 * interval '1 millisecond',
             event.is_contradictory, event.gateway
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                  $9::bigint[], $11::text[], $12::boolean[], $13::text[])
        with ordinality
        as event (event_id, reference, status, amount, currency, gateway_reference, message, raw_body, claimed_id, type,
                  is_contradictory, gateway, position)
      left join payments as payment
        on payment.id = event.claimed_id and payment.reference = event.reference
        and payment.gateway is not distinct from nullif(event.gateway, '${DEFAULT_GATEWAY}')
      order by event.position
      on conflict (event_id, gateway) do update
      set delivery_count = gateway_events.delivery_count + 1
      returning event_id as "eventId", reference, status, amount, currency, type, gateway_reference as "gatewayReference",
                message, is_contradictory as "isContradictory", gateway, delivery_count = 1 as "isNew"`,
    values: [
      sorted.map((event) => event.eventId),
      sorted.map((event) => event.reference),
      sorted.map((event) => event.status),
      sorted.map((event) => event.amount),
      sorted.map((event) => event.currency),
      sorted.map((event) => event.gatewayReference),
      sorted.map((event) => event.message),
      sorted.map((event) => event.rawBody),
      // Payments have no index by reference.
      sorted.map((event) => paymentIdOfReference(event.reference) ?? null),
      SWEEP_AFTER_MS,
      sorted.map((event) => event.type),
      sorted.map((event) => event.isContradictory ?? false),
      sorted.map((event) => event.gateway),
    ],
  });
  return new Map(rows.map((row) => [nameOfEvent(row), row]));
}

export interface WaitingEvent extends GatewayEvent {
  readonly paymentId: bigint | null;
}

const SELECT_WAITING = `
      select event_id as "eventId", reference, status, amount, currency, type, gateway_reference as "gatewayReference",
             message, is_contradictory as "isContradictory", payment_id as "paymentId", gateway
      from gateway_events`;

/** The events of $1 and $2. */
const NAMED_EVENTS = '(event_id, gateway) in (select * from unnest($1::text[], $2::text[]))';

function columnsOf(events: readonly EventKey[]): [string[], string[]] {
  return [events.map(({ eventId }) => eventId), events.map(({ gateway }) => gateway)];
}

function inOrder<Event extends EventKey>(events: readonly Event[]): Event[] {
  const order = ({ eventId, gateway }: EventKey) => `${eventId} ${gateway}`;
  return events.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

export async function readWaitingEvents(
  queryable: Queryable,
  events: readonly EventKey[],
): Promise<WaitingEvent[]> {
  const { rows } = await queryable.query<WaitingEvent>({
    name: 'payments-read-waiting-events',
    text: `${SELECT_WAITING}
      where ${NAMED_EVENTS} and processed_at is null
      order by received_at, event_id, gateway`,
    values: columnsOf(events),
  });
  return rows;
}

/** Locks a waiting event; false if it has been processed, or another process is working on it. */
export async function lockWaitingEvent(
  transaction: Transaction,
  { eventId, gateway }: EventKey,
): Promise<boolean> {
  const { rowCount } = await transaction.query({
    name: 'payments-lock-waiting-event',
    text: `
      select 1 from gateway_events
      where event_id = $1 and gateway = $2 and processed_at is null
      for update skip locked`,
    values: [eventId, gateway],
  });
  return rowCount === 1;
}

/**
 * Writes the results of events, and returns those that had none before, by `nameOfEvent`.
 * @param paymentId the payment that they were applied to, which may differ from the first one of their reference.
 */
export async function finishEvents(
  queryable: Queryable,
  {
    events,
    result,
    paymentId = null,
  }: {
    readonly events: readonly EventKey[];
    readonly result: EventResult;
    readonly paymentId?: bigint | null;
  },
): Promise<Set<string>> {
  const { rows } = await queryable.query<EventKey>({
    name: 'payments-finish-events',
    text: `
      with waiting as materialized (
        select event_id, gateway
        from gateway_events
        where ${NAMED_EVENTS} and processed_at is null
        order by event_id, gateway
        for update
      )
      update gateway_events as event
      set processed_at = now(), result = $3, last_error = null, payment_id = coalesce($4, event.payment_id)
      from waiting
      where event.event_id = waiting.event_id and event.gateway = waiting.gateway
      returning event.event_id as "eventId", event.gateway`,
    values: [...columnsOf(events), result, paymentId],
  });
  return new Set(rows.map(nameOfEvent));
}

/** Takes waiting events, and keeps them from other workers for `claimMs`. */
export async function claimWaitingEvents(
  queryable: Queryable,
  { limit, claimMs }: { readonly limit: number; readonly claimMs: number },
): Promise<EventKey[]> {
  const { rows } = await queryable.query<EventKey>({
    name: 'payments-claim-waiting-events',
    text: `
      with due as materialized (
        select event_id, gateway
        from gateway_events
        where processed_at is null and next_try_at <= now()
        order by next_try_at
        limit $1
        for update skip locked
      )
      update gateway_events as event
      set next_try_at = now() + $2 * interval '1 millisecond'
      from due
      where event.event_id = due.event_id and event.gateway = due.gateway
      returning event.event_id as "eventId", event.gateway`,
    values: [limit, claimMs],
  });
  return rows;
}

/** Postpones an event whose processing failed: by 5 s at first, by an hour at most. */
export async function postponeEvent(
  queryable: Queryable,
  { eventId, gateway, error }: EventKey & { readonly error: string },
): Promise<void> {
  await queryable.query({
    name: 'payments-postpone-event',
    text: `
      update gateway_events
      set try_count = try_count + 1,
          next_try_at = now() + least(interval '1 hour', interval '5 seconds' * 2 ^ least(try_count, 10)),
          last_error = $2
      where event_id = $1 and gateway = $3 and processed_at is null`,
    values: [eventId, error, gateway],
  });
}

/**
 * Makes callbacks due whose retry is scheduled too far ahead, because the clock was ahead when it was set. It has no order by: rows are
 * locked without waiting, and ordering by the key could make a plan walk the whole table for nothing.
 */
export async function bringEventsForward(
  queryable: Queryable,
  { mostMs, limit }: { readonly mostMs: number; readonly limit: number },
): Promise<number> {
  const { rowCount } = await queryable.query({
    name: 'payments-bring-events-forward',
    text: `
      with ahead as materialized (
        select event_id, gateway
        from gateway_events
        where processed_at is null and next_try_at > now() + $1 * interval '1 millisecond'
        limit $2
        for update skip locked
      )
      update gateway_events as event
      set next_try_at = now()
      from ahead
      where event.event_id = ahead.event_id and event.gateway = ahead.gateway`,
    values: [mostMs, limit],
  });
  return rowCount ?? 0;
}
