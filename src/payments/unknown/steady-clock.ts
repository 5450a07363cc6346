import type { Queryable } from '../../database/database.ts';
import { type ClockReading, type ClockStep, decideClockStep } from './decide-clock-step.ts';
import { noteChange, noteSeen, selectClock } from './steady-clock.sql.ts';

/** How far the times that the database wrote can be trusted to tell how long ago something was. */
export interface Steadiness {
  /** No more than this much time of the database's clock is known to have passed in truth. */
  readonly steadyForMs: number;
  /** Two looks between which the clock was found to have jumped have different ones. */
  readonly changeCount: bigint;
}

export interface SteadyClock {
  /** Looks at the database's clock now. @throws a database error, and then nothing is known. */
  look(): Promise<Steadiness>;
}

/** Two looks further apart than this are compared with each other, those in between with the first: small steps add up. */
const COMPARED_FOR_MS = 60_000;
/** A look is noted this often at the most. */
const NOTE_PAUSE_MS = 1000;

/**
 * Watches the database's clock with this process's monotonic one, which nobody sets. What it sees is kept in the database, for all
 * workers and for those that start later. Whatever ends a payment because time has passed must not believe more time than
 * this: a server that is set right, resumed, or replaced by one whose clock is ahead would make minutes of seconds.
 * @param monotonicMs is for tests.
 */
export function createSteadyClock({
  queryable,
  onUnsteady = () => {},
  monotonicMs = () => performance.now(),
}: {
  readonly queryable: Queryable;
  /** Told, once it is noted, that time counts anew. */
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
      // Only now: a change that could not be noted is found again by the next look.
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
    // One after another: a reading is compared with the one before it.
    look() {
      const looked = looking.then(lookAlone, lookAlone);
      looking = looked.catch(() => {});
      return looked;
    },
  };
}
