/** What a cursor of each list begins with, so that none of another list is taken for its own. */
const PREFIXES = {
  payments: 'p',
  dead_letters: 'd',
  bulk_redrives: 'b',
  unknown_payments: 'u',
  violations: 'v',
  reports: 'r',
  exceptions: 'x',
  statement: 's',
} as const;

export type ListName = keyof typeof PREFIXES;

const ANY_CURSOR = new RegExp(`^[${Object.values(PREFIXES).join('')}][1-9][0-9]{0,15}$`);

/** A pattern of JSON Schema for exactly the cursors that a list takes. */
export function cursorPattern(list: ListName): string {
  return `^${PREFIXES[list]}[1-9][0-9]{0,15}$`;
}

/**
 * A place in a list as text that clients take as it is: the id of the last row that a page looked at. It never grows stale: the row may
 * change or go, and what is older than it stays where it is.
 */
export function encodeCursor(list: ListName, id: bigint): string {
  return `${PREFIXES[list]}${id}`;
}

/** The id below which a page begins; or why a text leads nowhere, with the name of the field to go before it. */
export function readCursor(list: ListName, text: string): bigint | string {
  if (new RegExp(cursorPattern(list)).test(text)) return BigInt(text.slice(1));
  if (ANY_CURSOR.test(text)) return 'is a cursor of another list: begin this one without a cursor';
  return 'is not a cursor of this list: take the next_cursor of the page before as it is, or begin without one';
}
