/** How often a gateway must say "not found" where it counts, before a call counts as not executed. */
export const NOT_FOUND_ANSWERS_NEEDED = 2;
/** The least time between two answers that count, as a share of the grace period: one slow replica must not be asked twice. */
const SPACING_SHARE = 0.1;

/** A time that is further ahead than this was written before the clock went back. */
const AHEAD_MS = 60_000;

export interface NotFoundCount {
  readonly notFoundCount: number;
  readonly hasCounted: boolean;
  readonly isBelieved: boolean;
  readonly nextCountsInMs: number;
}

/** What is known about a payment when the gateway was asked about it. Times by the database's clock. */
export interface AskedPayment {
  /** How long before the question the last call had ended that may have executed. */
  readonly quietForMs: number;
  /** How long before the question the last "not found" that counts was asked for; null when there was none. */
  readonly notFoundForMs: number | null;
  /** How many have counted so far. */
  readonly notFoundCount: number;
}

/**
 * Takes from what the database's clock says no more than is known to have passed in truth. Pure.
 * What seems to lie ahead was written before the clock was set back, so at least the time since then has passed. An answer that
 * counted before the clock was found to go steadily counts no more: it may have been counted too soon.
 * @param steadyForMs for how long before the question the clock had gone steadily; see `createSteadyClock`.
 */
export function limitElapsed(
  { quietForMs, notFoundForMs, notFoundCount }: AskedPayment,
  steadyForMs: number,
): AskedPayment {
  const isProved = (elapsedMs: number) => elapsedMs >= -AHEAD_MS && elapsedMs <= steadyForMs;
  const hasCounted = notFoundForMs !== null && isProved(notFoundForMs);
  return {
    quietForMs: isProved(quietForMs) ? quietForMs : steadyForMs,
    notFoundForMs: hasCounted ? notFoundForMs : null,
    notFoundCount: hasCounted ? notFoundCount : 0,
  };
}

/**
 * Decides what a "not found" is worth. Pure.
 * A gateway may lag behind itself: what it carried out may not be visible to questions for a while. So an answer counts only when
 * nothing has been sent for the whole grace period, and the payment is believed not to have been carried out only at the
 * second answer that counts, which comes some time after the first.
 * @param graceMs how long a gateway may lag, with a wide margin.
 * @returns the count with this answer, whether it is one of those that count, whether they are enough, and how long to wait before an answer can count again.
 */
export function countNotFound(
  { quietForMs, notFoundForMs, notFoundCount }: AskedPayment,
  graceMs: number,
): NotFoundCount {
  const spacingMs = graceMs * SPACING_SHARE;
  const early = { notFoundCount, hasCounted: false, isBelieved: false };
  if (quietForMs < graceMs) return { ...early, nextCountsInMs: graceMs - quietForMs };
  if (notFoundForMs !== null && notFoundForMs < spacingMs)
    return { ...early, nextCountsInMs: spacingMs - notFoundForMs };
  const count = notFoundCount + 1;
  const isBelieved = count >= NOT_FOUND_ANSWERS_NEEDED;
  return { notFoundCount: count, hasCounted: true, isBelieved, nextCountsInMs: spacingMs };
}
