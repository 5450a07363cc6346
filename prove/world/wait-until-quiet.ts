import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../src/database/database.ts';
import type { Person } from '../inject/person.ts';
import { countOpen, hurryInquiries } from './read-world.sql.ts';
import type { OpenWork } from './world.ts';

const PAUSE_MS = 300;
/** Slower than a question takes, so that nobody is asked about faster than an answer can be written. */
const HURRY_EVERY_MS = 3000;
/** A program has had several answers by then, if it is ever to end a payment on one. */
const PERSON_AFTER_MS = 12_000;

/** Lets the gateway be asked about unknown outcomes every few seconds, for as long as the troubles last. */
export async function keepHurrying(pool: Pool, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(HURRY_EVERY_MS, undefined, { signal }).catch(() => {});
    // The database is away now and then.
    await hurryInquiries(pool).catch(() => {});
  }
}

/**
 * Waits until no task and no order is left and no outcome is unknown. What the gateway's word does not end, because an earlier word of it
 * contradicts it, is left to a person after a while.
 * @returns what was left when the time was over.
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
  let open: OpenWork = { tasks: -1, inquiries: -1, orders: -1 };
  let hurriedAt = 0;
  let resolvedAt = performance.now();
  while (performance.now() < deadline && !signal.aborted) {
    try {
      open = await countOpen(pool);
      if (open.tasks === 0 && open.inquiries === 0 && open.orders === 0) return open;
      if (performance.now() - hurriedAt > HURRY_EVERY_MS) {
        await hurryInquiries(pool);
        hurriedAt = performance.now();
      }
      if (performance.now() - resolvedAt > PERSON_AFTER_MS) {
        await person.resolveAll();
        resolvedAt = performance.now();
      }
    } catch {
      // The last trouble may still be passing.
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
  return open;
}
