import type { Queryable } from '../../database/database.ts';
import { type ReservedSlots, reserveCallSlots, returnCallSlots } from './call-slots.sql.ts';

export interface CallBudgetOptions {
  readonly queryable: Queryable;
  /** The name of the row that all workers of one gateway share. */
  readonly gateway: string;
  readonly callsPerSecond: number;
  /** Called with how long a call waited for its slot. */
  readonly onWait?: (waitedMs: number) => void;
  readonly onError?: (error: unknown) => void;
}

/** This process's share of a call limit that all processes share. */
export interface CallBudget {
  /** Reserves slots for up to `wanted` calls that are still to be claimed; returns how many it got. */
  reserve(wanted: number): Promise<number>;
  /** Gives back slots: `count` of the planned calls will not be made. */
  giveBack(count: number): Promise<void>;
  /** Waits for a slot and uses it. False if the signal fired first, or if none came for too long. */
  take(signal?: AbortSignal): Promise<boolean>;
  stop(): void;
}

/** The length of one reservation: each costs one small update, and a worker that dies wastes at most this much. */
const RESERVATION_MS = 250;
/** How far ahead slots may be reserved, so that no claimed task waits long for its slot. */
const HORIZON_MS = 1000;
/** A slot that is not used this long after its time is lost: used later, it would add to the slots of that time. */
const SLOT_LIFE_MS = 250;
const RETRY_MS = 50;
/** Only an unavailable database makes a call wait this long. */
const MAX_WAIT_MS = 15_000;

interface Waiter {
  readonly sinceMs: number;
  readonly resolve: (isGranted: boolean) => void;
}

/**
 * Keeps all processes' calls to one gateway below a limit. Each process reserves slots for a quarter of a second of calls in one database
 * row, and starts each call in its slot. Without a limit there is no budget and no cost.
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

  /** Only one reservation at a time: a second one would serve the same need. */
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

  /** Starts the calls whose slot has come, and reserves slots for the others. */
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
