import { setTimeout as sleep } from 'node:timers/promises';
import { API_NAMES } from '../plan/members.ts';
import { createRandom } from '../plan/random.ts';
import type { Client } from './client.ts';

const REQUEST_COUNT = 80;
/** Spread out, so that both APIs have transactions in progress all this time. */
const SPREAD_MS = 80;

/**
 * Sends many deposits within a moment, repeating each until it is answered, so that whatever happens now happens in the middle of
 * commits. Resolves when the last one is answered.
 */
export async function sendBurst({
  client,
  users,
  seed,
  number,
}: {
  readonly client: Client;
  readonly users: readonly bigint[];
  readonly seed: number;
  /** Which burst of the run this is; each has keys of its own. */
  readonly number: number;
}): Promise<void> {
  const random = createRandom(seed, `burst ${number}`);
  const requests = Array.from({ length: REQUEST_COUNT }, (_, index) => ({
    afterMs: (index * SPREAD_MS) / REQUEST_COUNT,
    api: random.pick(API_NAMES),
    intent: {
      userId: random.pick(users),
      type: 'deposit' as const,
      amountMinor: BigInt(random.between(1, 1000)),
      key: `burst-${seed}-${number}-${index}`,
    },
  }));
  await Promise.all(
    requests.map(async ({ afterMs, api, intent }) => {
      await sleep(afterMs);
      await client.insist(intent, api);
    }),
  );
}
