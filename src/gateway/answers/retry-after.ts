/** The longest pause; a gateway that asks for more is called again earlier. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** The forms of an HTTP date that a recipient must accept (RFC 9110, 5.6.7). `Date.parse` alone would also accept "soon 2099". */
const DATE_WITH_ZONE =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4}|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2}) \d{2}:\d{2}:\d{2} GMT$/;
const DATE_WITHOUT_ZONE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Reads Retry-After (RFC 9110, 10.2.3: seconds, or a date) as milliseconds from now, at most one hour.
 * null if it is missing, not valid, or in the past.
 */
export function parseRetryAfterMs(value: string | undefined, nowMs: number): number | null {
  const text = value?.trim() ?? '';
  const delayMs = /^\d+$/.test(text) ? Number(text) * 1000 : parseDate(text) - nowMs;
  if (Number.isNaN(delayMs) || delayMs < 0) return null;
  return Math.min(delayMs, MAX_RETRY_AFTER_MS);
}

function parseDate(text: string): number {
  if (DATE_WITH_ZONE.test(text)) return Date.parse(text);
  return DATE_WITHOUT_ZONE.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}
