import type { Queryable } from '../../database/database.ts';
import { type ClockReading, type ClockStep, decideClockStep } from './decide-clock-step.ts';
import { noteChange, noteSeen, selectClock } from './steady-clock.sql.ts';

/** How far the times in the database can be trusted to say how long ago something was. */
export interface Steadiness {
  /** How much of the time on the database's clock is certain to have passed. */
  readonly steadyForMs: number;
  /** Changes whenever the clock is found to have jumped. */
  readonly changeCount: bigint;
}

export interface SteadyClock {
  /** Reads the database's clock now. @throws a database error, and then nothing is known. */
  look(): Promise<Steadiness>;
}

/** Readings less than this apart are compared with the same earlier one, so that small steps add up. */
const COMPARED_FOR_MS = 60_000;
/** The shortest time between two recorded readings. */
const NOTE_PAUSE_MS = 1000;

/**
 * Watches the database's clock with this process's monotonic clock, which nobody can set. The result is stored in the database for all
 * workers, including later ones. Code that ends a payment because time has passed must not trust more time than this: if the server's clock
 * is corrected, or the server is resumed or replaced by one whose clock is ahead, seconds would look like minutes.
 * @param monotonicMs is for tests.
 */
export function createSteadyClock({
  queryable,
  onUnsteady = () => {},
  monotonicMs = () => performance.now(),
}: {
  readonly queryable: Queryable;
  /** Called once it is recorded that the wait starts again. */
  readonly onUnsteady?: (step: Exclude<ClockStep, { kind: 'steady' }>) => void;
  readonly monotonicMs?: () => number;
}): SteadyClock {
  let last: ClockReading | undefined;
  let notedAtMs = Number.NEGATIVE_INFINITY;

  async function lookAlone(): Promise<Steadiness> {
    const beforeMs = monotonicMs();
    const { databaseMs, seenAgoMs, steadyForMs, changeCount } = await selectClock(queryable);
    const afterMs = monotonicMs();
    const reading = { databaseMs, beforeMs, afterMs };
    const step = decideClockStep({ reading, last }, seenAgoMs);
    if (step.kind !== 'steady') {
      const changed = await noteChange(queryable);
      // Remember it only now, so that a change that could not be recorded is found again by the next reading.
      last = reading;
      notedAtMs = afterMs;
      onUnsteady(step);
      return { steadyForMs: 0, changeCount: changed };
    }
    if (!last || beforeMs - last.beforeMs > COMPARED_FOR_MS) last = reading;
    if (afterMs - notedAtMs >= NOTE_PAUSE_MS) {
      await noteSeen(queryable, databaseMs);
      notedAtMs = afterMs;
    }
    return { steadyForMs: steadyForMs ?? Number.POSITIVE_INFINITY, changeCount };
  }

  let looking: Promise<unknown> = Promise.resolve();
  return {
    // Read one after another, because each reading is compared with the previous one.
    look() {
      const looked = looking.then(lookAlone, lookAlone);
      looking = looked.catch(() => {});
      return looked;
    },
  };
}
