/** How many counting "not found" answers it takes before a call counts as not executed. */
const NOT_FOUND_ANSWERS_NEEDED = 2;
/** The shortest time between two answers that count, as a share of the grace period: one slow replica must not count twice. */
const SPACING_SHARE = 0.1;

/** A time further ahead than this was written before the clock was set back. */
const AHEAD_MS = 60_000;

export interface NotFoundCount {
  readonly notFoundCount: number;
  readonly hasCounted: boolean;
  readonly isBelieved: boolean;
  readonly nextCountsInMs: number;
}

/** What is known about a payment when the gateway was asked about it. Times by the database's clock. */
export interface AskedPayment {
  /** How long before the inquiry the last call that may have executed had ended. */
  readonly quietForMs: number;
  /** How long before this inquiry the last "not found" that counts was asked for; null if there was none. */
  readonly notFoundForMs: number | null;
  /** How many answers have counted so far. */
  readonly notFoundCount: number;
}

/**
 * Limits the times on the database's clock to what is certain to have passed. Pure. A time that seems to be in the future was written
 * before the clock was set back, so at least the time since then has passed. An answer that counted before the clock was known to run
 * steadily no longer counts: it may have been counted too soon.
 * @param steadyForMs for how long before the inquiry the clock had run steadily; see `createSteadyClock`.
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
 * Decides whether a "not found" counts. Pure. A gateway's inquiries may lag behind its calls: what it carried out may not be visible for a
 * while. So an answer counts only if nothing was sent for the whole grace period, and the payment counts as not carried out only at the
 * second answer that counts, some time after the first.
 * @param graceMs how long a gateway may lag, with a wide margin.
 * @returns the count including this answer, whether this answer counts, whether the count is enough, and how long to wait before an answer
 * can count again.
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
