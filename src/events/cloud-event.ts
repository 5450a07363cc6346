import { type FeedPlace, nameEvent } from './feed-place.ts';
import { unpackData } from './packed-data.ts';

/** An event as it is kept. */
export interface StoredEvent extends FeedPlace {
  readonly createdAt: Date;
  readonly type: string;
  readonly subject: string;
  /** Packed: see packData. */
  readonly data: string;
  readonly traceparent: string | null;
}

/** Long enough for any id, so that these texts sort as the numbers do. */
const SEQUENCE_DIGITS = 19;

/**
 * The event as JSON, in the structured form of CloudEvents 1.0. Every reader, now and later, gets the same bytes.
 * @param source who tells of it; together with the event's id it is unlike any other.
 */
export function renderCloudEvent(event: StoredEvent, source: string): string {
  const attributes = {
    specversion: '1.0',
    id: nameEvent(event),
    source,
    type: event.type,
    subject: event.subject,
    time: event.createdAt.toISOString(),
    datacontenttype: 'application/json',
    sequence: event.id.toString().padStart(SEQUENCE_DIGITS, '0'),
    ...(event.traceparent === null ? {} : { traceparent: event.traceparent }),
  };
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${unpackData(event.type, event.data)}}`;
}
