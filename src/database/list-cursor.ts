/** The prefix of each list's cursors, so that a cursor of another list is recognized. */
const PREFIXES = {
  payments: 'p',
  dead_letters: 'd',
  bulk_redrives: 'b',
  unknown_payments: 'u',
  violations: 'v',
  reports: 'r',
  differences: 'x',
  statement: 's',
  wallets: 'w',
  fee_changes: 'f',
  order_holds: 'h',
  quotes: 'q',
  conversions: 'c',
} as const;

export type ListName = keyof typeof PREFIXES;

const ANY_CURSOR = new RegExp(`^[${Object.values(PREFIXES).join('')}][1-9][0-9]{0,15}$`);

/** A JSON Schema pattern for exactly the cursors that a list accepts. */
export function cursorPattern(list: ListName): string {
  return `^${PREFIXES[list]}[1-9][0-9]{0,15}$`;
}

/**
 * A place in a list, as text that clients pass back unchanged: the id of the last row that a page examined. It never becomes stale: even if
 * the row changes or disappears, older rows stay where they are.
 */
export function encodeCursor(list: ListName, id: bigint): string {
  return `${PREFIXES[list]}${id}`;
}

/** The id below which a page begins, or why the text is not valid, as the end of a sentence that begins with the field's name. */
export function readCursor(list: ListName, text: string): bigint | string {
  if (new RegExp(cursorPattern(list)).test(text)) return BigInt(text.slice(1));
  if (ANY_CURSOR.test(text)) return 'is a cursor of another list: start this list without a cursor';
  return 'is not a cursor of this list: send the next_cursor of the previous page unchanged, or start without one';
}
