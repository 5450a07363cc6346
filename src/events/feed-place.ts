/** A place in the feed: right after an event that was committed, or before all of them. */
export interface FeedPlace {
  /** 0 before all. */
  readonly id: bigint;
  /** Tells the event from another one to which a server gave the same number after it had lost this one. */
  readonly nonce: number;
}

export const BEGINNING: FeedPlace = { id: 0n, nonce: 0 };

const PREFIX = 'e';
/** A JSON Schema pattern for exactly the cursors of the feed. */
export const FEED_CURSOR_PATTERN = `^${PREFIX}[1-9][0-9]{0,15}-[0-7][0-9a-f]{7}$`;
const CURSOR = new RegExp(FEED_CURSOR_PATTERN);

/** What an event is called everywhere: `4711-2f0a91c4`. */
export function nameEvent({ id, nonce }: FeedPlace): string {
  return `${id}-${nonce.toString(16).padStart(8, '0')}`;
}

/** The place as text that clients send back unchanged. */
export function encodePlace(place: FeedPlace): string {
  return PREFIX + nameEvent(place);
}

/** The place, or why the text names none, as the end of a sentence that begins with the field's name. */
export function readPlace(text: string): FeedPlace | string {
  if (!CURSOR.test(text))
    return 'is not a cursor of the events: send the next_cursor of the previous page unchanged, or begin without one';
  const [id = '', nonce = ''] = text.slice(PREFIX.length).split('-');
  return { id: BigInt(id), nonce: Number.parseInt(nonce, 16) };
}
