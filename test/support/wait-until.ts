import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until `check` gives something other than undefined or false.
 * @throws when it has not within `deadlineMs`, with `what` in the message.
 */
export async function waitUntil<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  { deadlineMs = 60_000, pauseMs = 20 }: { readonly deadlineMs?: number; readonly pauseMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const result = await check();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(pauseMs);
  }
}
