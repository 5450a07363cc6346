const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The pauses before each inquiry about a payment whose outcome is unknown; the last one repeats. */
const PAUSES_MS = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  6 * HOUR_MS,
  24 * HOUR_MS,
];

/** How long to wait before the next inquiry, in milliseconds, after `askedCount` inquiries. */
export function inquiryPauseMs(askedCount: number): number {
  return PAUSES_MS[Math.min(askedCount, PAUSES_MS.length - 1)] as number;
}
