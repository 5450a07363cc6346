import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../src/database/database.ts';
import type { Person } from '../inject/person.ts';
import { countOpen, hurryInquiries } from './read-world.sql.ts';
import type { OpenWork } from './world.ts';

const PAUSE_MS = 300;
/** Longer than an inquiry takes, so that its answer is written before the next one is due. */
const HURRY_EVERY_MS = 3000;
/** By then the program has had several answers; if none has ended the payment, none will. */
const PERSON_AFTER_MS = 12_000;

/** Brings inquiries about unknown outcomes forward every few seconds, for as long as trouble is being made. */
export async function keepHurrying(pool: Pool, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(HURRY_EVERY_MS, undefined, { signal }).catch(() => {});
    // The database is away now and then.
    await hurryInquiries(pool).catch(() => {});
  }
}

/**
 * Waits until the queue is empty, no bulk redrive is running, no outcome is unknown and nothing is held whose time is over. Payments that the gateway's answers cannot end, because
 * they contradict each other, are left to a person after a while.
 * @returns what was left when time ran out.
 */
export async function waitUntilQuiet(
  pool: Pool,
  {
    person,
    deadlineMs,
    signal,
  }: { readonly person: Person; readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<OpenWork> {
  const deadline = performance.now() + deadlineMs;
  let open: OpenWork = { tasks: -1, inquiries: -1, orders: -1, lateHolds: -1 };
  let hurriedAt = 0;
  let resolvedAt = performance.now();
  while (performance.now() < deadline && !signal.aborted) {
    try {
      open = await countOpen(pool);
      if (Object.values(open).every((count) => count === 0)) return open;
      if (performance.now() - hurriedAt > HURRY_EVERY_MS) {
        await hurryInquiries(pool);
        hurriedAt = performance.now();
      }
      if (performance.now() - resolvedAt > PERSON_AFTER_MS) {
        await person.resolveAll();
        resolvedAt = performance.now();
      }
    } catch {
      // The last trouble may not be over yet.
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
  return open;
}
