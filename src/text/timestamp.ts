/** A JSON Schema pattern for the times that are accepted; it does not know how many days a month has. */
export const TIMESTAMP_PATTERN =
  '^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,18})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$';
const timestamp = new RegExp(TIMESTAMP_PATTERN);
const PARTS = /^(.{10}).(.{8})(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const DIGITS_KEPT = 6;

/**
 * Parses an RFC 3339 time with its offset, and returns it in UTC with microseconds, as the database stores times. Times in this form sort
 * correctly as text. Anything finer than a microsecond is cut off.
 * @returns undefined for an invalid time, such as the 30th of February.
 */
export function parseTimestamp(text: string): string | undefined {
  if (!timestamp.test(text)) return undefined;
  const [, day, time, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = PARTS.exec(text) ?? [];
  const local = `${day}T${time}.000Z`;
  const localMs = Date.parse(local);
  // JavaScript reads the 30th of February as the 2nd of March.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) return undefined;
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  const at = new Date(localMs - (sign === '-' ? -offsetMs : offsetMs));
  // PostgreSQL has no year 0, and a year beyond 9999 would sort wrongly as text.
  if (at.getUTCFullYear() < 1 || at.getUTCFullYear() > 9999) return undefined;
  return at.toISOString().replace('000Z', `${fraction.slice(0, DIGITS_KEPT).padEnd(DIGITS_KEPT, '0')}Z`);
}
