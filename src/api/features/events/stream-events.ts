import { renderCloudEvent } from '../../../events/cloud-event.ts';
import type { EventFeed, FeedQuery } from '../../../events/event-feed.ts';
import { BEGINNING, encodePlace } from '../../../events/feed-place.ts';
import type { EventPage } from '../../../events/read-events.sql.ts';

/** How long a client waits before it connects again. */
const RECONNECT_MS = 1000;

export interface StreamOptions {
  /** What was read before the answer began. */
  readonly first: EventPage;
  readonly source: string;
  /** How long it goes on; the client then connects again, perhaps to another process. */
  readonly forMs: number;
  /** How often something is sent if nothing happens, so that everybody on the way sees that it is alive. */
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

/**
 * The messages of a stream of server-sent events. An error ends it, and the client goes on from the last `id`: nothing is lost, and nothing
 * comes twice.
 */
export async function* streamEvents(
  feed: EventFeed,
  query: FeedQuery,
  { first, source, forMs, heartbeatMs, signal }: StreamOptions,
): AsyncGenerator<string> {
  const untilMs = performance.now() + forMs;
  yield `retry: ${RECONNECT_MS}\n\n`;
  for (let page = first; ; ) {
    yield write(page, source);
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0 || signal.aborted || feed.stopping.aborted) return;
    page = await feed.read(
      { ...query, after: page.lookedTo },
      { forMs: Math.min(heartbeatMs, leftMs), signal },
    );
    // What was to come next is not there any more: the client hears so when it connects again.
    if (page.missed !== 'nothing') return;
  }
}

function write({ events, lookedTo }: EventPage, source: string): string {
  const messages = events.map(
    (event) => `id: ${encodePlace(event)}\ndata: ${renderCloudEvent(event, source)}\n\n`,
  );
  if (messages.length > 0) return messages.join('');
  // Without data it is no message, but the client remembers how far the feed has looked.
  return lookedTo.id === BEGINNING.id
    ? ': nothing yet\n\n'
    : `id: ${encodePlace(lookedTo)}\n: nothing new\n\n`;
}
