import type { Request } from 'express';
import { renderCloudEvent } from '../../../events/cloud-event.ts';
import { type FeedQuery, LatestNotKnown, type WaitForEvents } from '../../../events/event-feed.ts';
import { BEGINNING, encodePlace } from '../../../events/feed-place.ts';
import type { EventPage } from '../../../events/read-events.sql.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { signalOfLeaving } from '../../server/client-leaving.ts';
import { wantsStream } from '../../server/content/negotiate.ts';
import { validate } from '../../server/content/validate.ts';
import { type Answer, defineOperation } from '../../server/operation.ts';
import { eventHeaders, eventQuery, LAST_EVENT_ID } from './event-query.ts';
import { cloudEventExample, eventPageSchema } from './event-schemas.ts';
import { streamEvents } from './stream-events.ts';

const PATH = '/api/v1/events';
/** A place that examples name. */
const EXAMPLE_CURSOR = encodePlace({ id: 4711n, nonce: 0x2f0a91c4 });
/** An answer must be on its way before the request times out. */
const SHARE_OF_REQUEST = 0.5;

export function eventOperations(context: ApiContext) {
  const { config, feed, feedPlaces } = context;
  const { source } = config.events;

  async function read(
    query: FeedQuery,
    { field, ...wait }: WaitForEvents & { readonly field: string },
  ): Promise<EventPage> {
    const page = await feed.read(query, wait).catch((error: unknown) => {
      if (error instanceof LatestNotKnown) throw new Problem('database-unavailable', { detail: NOT_KNOWN });
      throw error;
    });
    if (page.missed !== 'nothing')
      throw explainMissed(page.missed, { cursor: encodePlace(page.lookedTo), field });
    return page;
  }

  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'readEvents',
      tag: 'events',
      summary: 'Read what happened, oldest first',
      description:
        'Every event of a subject comes after those before it, and none is left out: an event is shown only once all that could come before it are. A page may be empty and still say where to go on. With `Accept: text/event-stream` the answer is a stream that goes on until it is ended, at the latest after EVENTS_STREAM_SECONDS; each message has the cursor as its `id`. /docs/events describes the types.',
      query: eventQuery,
      requestHeaders: eventHeaders,
      access: 'operator',
      mayStream: true,
      answers: {
        200: {
          description: 'A page of events, or a stream of them.',
          schema: eventPageSchema,
          example: { items: [cloudEventExample], next_cursor: EXAMPLE_CURSOR, has_more: false },
          stream: `id: ${EXAMPLE_CURSOR}\ndata: ${JSON.stringify(cloudEventExample)}\n\n`,
        },
      },
      problems: ['events-dropped', 'events-lost', 'overloaded', 'validation-failed'],
      async handle({ query, request }) {
        const { type, subject, limit } = query;
        const sentAgain = readLastEventId(request);
        const after = sentAgain ?? query.after;
        const field = sentAgain === undefined ? 'after' : LAST_EVENT_ID;
        const asked = {
          after: after ?? BEGINNING,
          limit,
          subject,
          ...(type === undefined ? {} : { types: [type] }),
        };
        const isStream = wantsStream(request);
        const waitMs = Math.min(query.wait_seconds * 1000, config.api.requestTimeoutMs * SHARE_OF_REQUEST);
        const signal = signalOfLeaving(request);
        // Left when the answer has ended, however it did.
        if ((isStream || waitMs > 0) && !feedPlaces.take(signal))
          throw new Problem('overloaded', { detail: TOO_MANY });
        const page = await read(asked, { forMs: isStream ? 0 : waitMs, signal, field });
        if (!isStream) return answerWith(page, source);
        const stream = streamEvents(feed, asked, {
          first: page,
          source,
          forMs: config.events.streamMs,
          heartbeatMs: Math.min(HEARTBEAT_MS, config.api.requestTimeoutMs * SHARE_OF_REQUEST),
          signal,
        });
        return { status: 200, body: '', stream };
      },
    }),
  ];
}

const HEARTBEAT_MS = 10_000;
const NOT_KNOWN =
  'A transaction that writes has been open since this process began, and until it ends nobody knows which event is the latest. Try again, or begin without latest.';
const TOO_MANY = 'Too many requests wait for events already.';

function readLastEventId(request: Request): FeedQuery['after'] | undefined {
  // A client that has no id yet may send an empty one.
  const header = request.get(LAST_EVENT_ID) || undefined;
  return validate(eventHeaders, { [LAST_EVENT_ID]: header }, 'header')[LAST_EVENT_ID];
}

function answerWith({ events, lookedTo, hasMore }: EventPage, source: string): Answer {
  const items = events.map((event) => renderCloudEvent(event, source));
  const nextCursor = lookedTo.id === BEGINNING.id ? null : encodePlace(lookedTo);
  // The events are JSON already, to the byte as they were written.
  return {
    status: 200,
    body: `{"items":[${items.join(',')}],"next_cursor":${JSON.stringify(nextCursor)},"has_more":${hasMore}}`,
  };
}

function explainMissed(
  missed: 'dropped' | 'lost',
  { cursor, field }: { readonly cursor: string; readonly field: string },
): Problem {
  if (missed === 'dropped')
    return new Problem('events-dropped', {
      detail: `Events that came after ${cursor} have been dropped.`,
      errors: [{ field, message: 'is so old that events after it are no longer kept' }],
    });
  return new Problem('events-lost', {
    detail: `The event of ${cursor} is not there.`,
    errors: [{ field, message: 'is the cursor of an event that is not there' }],
  });
}
