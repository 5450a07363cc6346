import type { Request } from 'express';
import { encodeCursor } from '../../../database/list-cursor.ts';
import { renderCloudEvent } from '../../../events/cloud-event.ts';
import type { EventPage } from '../../../events/read-events.sql.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { signalOfLeaving } from '../../server/client-leaving.ts';
import { wantsStream } from '../../server/content/negotiate.ts';
import { validate } from '../../server/content/validate.ts';
import { type Answer, defineOperation } from '../../server/operation.ts';
import { eventHeaders, eventQuery } from './event-query.ts';
import { cloudEventExample, eventPageSchema } from './event-schemas.ts';
import { streamEvents } from './stream-events.ts';

const PATH = '/api/v1/events';
const LIST = 'events';
/** An answer must be on its way before the request times out. */
const SHARE_OF_REQUEST = 0.5;

export function eventOperations(context: ApiContext) {
  const { config, feed, feedPlaces } = context;
  const { source } = config.events;
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
          example: { items: [cloudEventExample], next_cursor: encodeCursor(LIST, 4711n), has_more: false },
          stream: `id: ${encodeCursor(LIST, 4711n)}\ndata: ${JSON.stringify(cloudEventExample)}\n\n`,
        },
      },
      problems: ['events-dropped', 'overloaded', 'validation-failed'],
      async handle({ query, request }) {
        const { type, subject, limit } = query;
        const after = readLastEventId(request) ?? query.after;
        const asked = {
          after: after ?? 0n,
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
        const page = await feed.read(asked, { forMs: isStream ? 0 : waitMs, signal });
        if (typeof after === 'bigint' && after < page.droppedThrough) throw dropped(after, page);
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
const TOO_MANY = 'Too many requests wait for events already.';

function readLastEventId(request: Request): bigint | 'latest' | undefined {
  // A client that has no id yet may send an empty one.
  const header = request.get('last-event-id') || undefined;
  return validate(eventHeaders, { 'Last-Event-ID': header }, 'header')['Last-Event-ID'];
}

function answerWith({ events, lookedTo, hasMore }: EventPage, source: string): Answer {
  const items = events.map((event) => renderCloudEvent(event, source));
  const nextCursor = lookedTo === 0n ? null : encodeCursor(LIST, lookedTo);
  // The events are JSON already, to the byte as they were written.
  return {
    status: 200,
    body: `{"items":[${items.join(',')}],"next_cursor":${JSON.stringify(nextCursor)},"has_more":${hasMore}}`,
  };
}

function dropped(after: bigint, { droppedThrough }: EventPage): Problem {
  return new Problem('events-dropped', {
    detail: `Events after ${encodeCursor(LIST, after)} have been dropped, up to ${encodeCursor(LIST, droppedThrough)}. What they told has to be read otherwise.`,
    errors: [{ field: 'after', message: 'is so old that events after it are no longer kept' }],
  });
}
