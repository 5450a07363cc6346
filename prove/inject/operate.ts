import { setTimeout as sleep } from 'node:timers/promises';
import { API_NAMES, type ApiName } from '../plan/members.ts';
import { createRandom } from '../plan/random.ts';
import type { Fleet } from '../processes/fleet.ts';
import type { Tally } from '../processes/tally.ts';

const PAUSE_MS = 800;
const TIMEOUT_MS = 5000;

interface Letter {
  readonly id: number;
  readonly action: string | null;
}

/** Operators at work in the middle of it: they redrive and discard dead letters, sometimes two of them the same one at once. */
export async function operate({
  fleet,
  seed,
  tally,
  signal,
}: {
  readonly fleet: Pick<Fleet, 'originOf'>;
  readonly seed: number;
  readonly tally: Tally;
  readonly signal: AbortSignal;
}): Promise<void> {
  const random = createRandom(seed, 'operators');
  while (!signal.aborted) {
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    const letter = await findOpenLetter().catch(() => undefined);
    if (!letter) continue;
    const action = random.chance(0.7) ? 'redrive' : 'discard';
    const hands = random.chance(0.3) ? API_NAMES : [random.pick(API_NAMES)];
    await Promise.all(hands.map((api) => act(api, letter, action).catch(() => {})));
  }

  async function findOpenLetter(): Promise<Letter | undefined> {
    const { items } = (await request(random.pick(API_NAMES), 'GET', '/api/v1/dlq?limit=50')) as {
      items: Letter[];
    };
    const open = items.filter(({ action }) => action === null);
    return open.length > 0 ? random.pick(open) : undefined;
  }

  async function act(api: ApiName, { id }: Letter, action: string): Promise<void> {
    await request(api, 'POST', `/api/v1/dlq/${id}/${action}`, { by: 'prove', reason: 'chaos' });
    tally.count(`dead letter: ${action}`);
  }

  async function request(api: ApiName, method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${fleet.originOf(api)}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return await response.json();
  }
}
