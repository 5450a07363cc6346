export interface RateFreshness {
  /** `working_days`: Saturdays, Sundays and holidays of the source do not count towards the age of a rate. */
  readonly calendar: 'working_days' | 'every_day';
  /** Days on which the source publishes nothing, such as `2026-12-25`. */
  readonly holidays: ReadonlySet<string>;
  /** The age beyond which a rate is stale, in the time that counts. */
  readonly maxAgeMs: number;
  /** The age beyond which a rate is stale whatever the calendar says. */
  readonly hardMaxAgeMs: number;
}

const DAY_MS = 86_400_000;

/** Whether a rate is too old to be used, by the calendar of its source. Days are UTC days. Pure. */
export function isStale(asOf: Date, now: Date, freshness: RateFreshness): boolean {
  const ageMs = now.getTime() - asOf.getTime();
  if (ageMs > freshness.hardMaxAgeMs) return true;
  if (freshness.calendar === 'every_day') return ageMs > freshness.maxAgeMs;
  return countedAgeMs(asOf.getTime(), now.getTime(), freshness.holidays) > freshness.maxAgeMs;
}

/** The part of a period that is in working days. The hard limit is checked first, so there are only a few days to look at. */
function countedAgeMs(fromMs: number, untilMs: number, holidays: ReadonlySet<string>): number {
  let countedMs = 0;
  for (let dayMs = Math.floor(fromMs / DAY_MS) * DAY_MS; dayMs < untilMs; dayMs += DAY_MS) {
    const day = new Date(dayMs);
    const isWeekend = day.getUTCDay() === 0 || day.getUTCDay() === 6;
    if (isWeekend || holidays.has(day.toISOString().slice(0, 10))) continue;
    countedMs += Math.min(untilMs, dayMs + DAY_MS) - Math.max(fromMs, dayMs);
  }
  return countedMs;
}
