import { parseTimestamp } from '../../text/timestamp.ts';

/** Central banks agree on the day's rates at 14:15 in Frankfurt. If a source names only a day, this time is meant. */
const DAILY_FIX = 'T13:15:00Z';
/** How far a source's clock may be ahead of ours. */
const TOLERANCE_MS = 5 * 60_000;

/** A day, such as `2026-11-27`. A rate of today that is read before the fix counts as of now. */
export function readDay(text: unknown, now: Date): Date | string {
  const at = typeof text === 'string' ? parseTimestamp(`${text}${DAILY_FIX}`) : undefined;
  if (at === undefined) return 'is not a day';
  const fixed = new Date(at);
  const isToday = fixed.toISOString().slice(0, 10) === now.toISOString().slice(0, 10);
  return isToday && fixed > now ? now : notAhead(fixed, now);
}

/** A time with its offset, such as `2026-11-27T12:00:00Z`. */
export function readTime(text: unknown, now: Date): Date | string {
  const at = typeof text === 'string' ? parseTimestamp(text) : undefined;
  return at === undefined ? 'is not a time' : notAhead(new Date(at), now);
}

/** Seconds since 1970. */
export function readSeconds(seconds: unknown, now: Date): Date | string {
  const isCount = typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds > 0;
  if (!isCount || seconds > 8e12) return 'is not a time';
  return notAhead(new Date(seconds * 1000), now);
}

/** A rate from the future would stay fresh for too long. */
function notAhead(at: Date, now: Date): Date | string {
  return at.getTime() > now.getTime() + TOLERANCE_MS ? 'is in the future' : at;
}
