import type { Queryable } from '../../database/database.ts';
import { type ReservedSlots, reserveCallSlots, returnCallSlots } from './call-slots.sql.ts';

export interface CallBudgetOptions {
  readonly queryable: Queryable;
  /** Names the row that all workers of one gateway share. */
  readonly gateway: string;
  readonly callsPerSecond: number;
  /** A call had to wait this long for its slot. */
  readonly onWait?: (waitedMs: number) => void;
  readonly onError?: (error: unknown) => void;
}

/** The calls that this process may make, out of a limit that all processes share. */
export interface CallBudget {
  /** Makes sure of slots for up to `wanted` calls that are still to be claimed; gives for how many there are. */
  reserve(wanted: number): Promise<number>;
  /** `count` of the calls that slots were reserved for will not be made. */
  giveBack(count: number): Promise<void>;
  /** Waits for a slot and uses it. False when the signal fired before one came, or none came for long. */
  take(signal?: AbortSignal): Promise<boolean>;
  stop(): void;
}

/** One reservation is for about this much time: one small update for each, and that is what a worker that dies wastes. */
const RESERVATION_MS = 250;
/** Slots are not given out further ahead than this, so that no claimed task waits long for its own. */
const HORIZON_MS = 1000;
/** A slot that was not used this long after its time is lost: used later, it would add to the slots of then. */
const SLOT_LIFE_MS = 250;
const RETRY_MS = 50;
/** Only a database that is away makes a call wait for so long. */
const MAX_WAIT_MS = 15_000;

interface Waiter {
  readonly sinceMs: number;
  readonly resolve: (isGranted: boolean) => void;
}

/**
 * Keeps the calls of all processes to one gateway below a limit. Each process reserves slots for a quarter of a second of
 * calls in one row of the database, and starts each call in its slot. Costs nothing where no limit is set: there is no budget.
 */
export function createCallBudget(options: CallBudgetOptions): CallBudget {
  const { queryable, callsPerSecond, gateway } = options;
  const reservationSize = Math.max(1, Math.round((callsPerSecond * RESERVATION_MS) / 1000));
  /** When each slot begins, by this process's monotonic clock. */
  let slots: number[] = [];
  let waiters: Waiter[] = [];
  let lastReservation: ReservedSlots | undefined;
  let reserving: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  function freeCount(): number {
    const now = performance.now();
    slots = slots.filter((startsAtMs) => startsAtMs + SLOT_LIFE_MS > now);
    return slots.length - waiters.length;
  }

  async function reserveMore(count: number): Promise<void> {
    const reserved = await reserveCallSlots(queryable, {
      gateway,
      callsPerSecond,
      horizonMs: HORIZON_MS,
      count: Math.min(count, reservationSize),
    });
    if (!reserved) return;
    lastReservation = reserved;
    const startsAtMs = performance.now() + reserved.startsInMs;
    for (let slot = 0; slot < Math.min(count, reservationSize); slot += 1) {
      slots.push(startsAtMs + (slot * 1000) / callsPerSecond);
    }
  }

  /** One reservation at a time: a second one would be made for the same need. */
  async function reserveOnce(count: number): Promise<void> {
    reserving ??= reserveMore(count).finally(() => {
      reserving = undefined;
    });
    await reserving;
  }

  function wakeIn(delayMs: number): void {
    clearTimeout(timer);
    if (!isStopped && waiters.length > 0) timer = setTimeout(serve, Math.max(1, delayMs));
  }

  /** Lets those calls start whose slot has come, and gets slots for the others. */
  function serve(): void {
    const now = performance.now();
    freeCount();
    while (waiters.length > 0 && (slots[0] ?? Number.POSITIVE_INFINITY) <= now) {
      slots.shift();
      const waiter = waiters.shift();
      if (now > (waiter?.sinceMs ?? now)) options.onWait?.(now - (waiter?.sinceMs ?? now));
      waiter?.resolve(true);
    }
    while (waiters[0] && now - waiters[0].sinceMs > MAX_WAIT_MS) waiters.shift()?.resolve(false);
    if (waiters.length === 0) return;
    if (slots[0] !== undefined) {
      wakeIn(slots[0] - now);
      if (freeCount() >= 0) return;
    }
    void reserveOnce(waiters.length)
      .catch((error: unknown) => options.onError?.(error))
      .finally(() => wakeIn(slots[0] === undefined ? RETRY_MS : slots[0] - performance.now()));
  }

  return {
    async reserve(wanted) {
      if (freeCount() < Math.min(wanted, reservationSize)) {
        await reserveOnce(Math.max(1, Math.min(wanted, reservationSize) - freeCount()));
      }
      return Math.max(0, Math.min(wanted, freeCount()));
    },

    async giveBack(count) {
      const unused = Math.min(count, freeCount());
      if (!lastReservation || unused <= 0) return;
      const { end } = lastReservation;
      lastReservation = undefined;
      slots = slots.slice(0, slots.length - unused);
      await returnCallSlots(queryable, { gateway, callsPerSecond, count: unused, end });
    },

    take(signal) {
      if (signal?.aborted || isStopped) return Promise.resolve(false);
      return new Promise((resolve) => {
        const leave = () => {
          waiters = waiters.filter((other) => other !== waiter);
          resolve(false);
        };
        const waiter: Waiter = {
          sinceMs: performance.now(),
          resolve(isGranted) {
            signal?.removeEventListener('abort', leave);
            resolve(isGranted);
          },
        };
        signal?.addEventListener('abort', leave, { once: true });
        waiters.push(waiter);
        serve();
      });
    },

    stop() {
      isStopped = true;
      clearTimeout(timer);
      for (const waiter of waiters) waiter.resolve(false);
      waiters = [];
    },
  };
}
