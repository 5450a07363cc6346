import { setTimeout as sleep } from 'node:timers/promises';
import { API_NAMES, type ApiName } from '../plan/members.ts';
import { createRandom } from '../plan/random.ts';
import type { Fleet } from '../processes/fleet.ts';
import type { Tally } from '../processes/tally.ts';
import { askAsOperator } from './ask-as-operator.ts';
import type { Person } from './person.ts';

const PAUSE_MS = 500;
/** As many as one operator has open at once: on a busy machine each of them takes long. */
const LETTERS_AT_ONCE = 3;
const BULK_PER_SECOND = 20;
/** Turns of an operator between two orders to redrive many. */
const BULK_EVERY = 8;
/** Few enough that the orders do not pile up. */
const BULK_LETTERS = 10;
/** The code of the answer that refuses a redrive because something says that the money moved. */
const EVIDENCE = 'evidence-contradicts';

interface Letter {
  readonly id: number;
  readonly action: string | null;
}

/**
 * Operators at work in the middle of it: they redrive and discard dead letters, sometimes two of them the same one at once,
 * redrive many at a time, and one of them resolves payments of unknown outcome that the gateway has carried out.
 */
export async function operate({
  fleet,
  person,
  seed,
  tally,
  signal,
}: {
  readonly fleet: Pick<Fleet, 'originOf'>;
  readonly person: Person;
  readonly seed: number;
  readonly tally: Tally;
  readonly signal: AbortSignal;
}): Promise<void> {
  const random = createRandom(seed, 'operators');
  for (let turn = 1; !signal.aborted; turn += 1) {
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    if (turn % BULK_EVERY === 0) await redriveMany();
    else if (random.chance(0.05)) await person.resolveSome(random.next()).catch(() => {});
    else await handleSome();
  }

  async function handleSome(): Promise<void> {
    // Those of unknown outcome are the ones about which something may be recorded.
    const filter = random.chance(0.5) ? '&reason=outcome_unknown' : '';
    const open = await listOpenLetters(filter).catch(() => []);
    const turns = random
      .shuffle(open)
      .slice(0, LETTERS_AT_ONCE)
      .flatMap((letter) => {
        const action = random.chance(0.8) ? 'redrive' : 'discard';
        const hands = random.chance(0.3) ? API_NAMES : [random.pick(API_NAMES)];
        return hands.map((api) => act(api, letter, action).catch(() => {}));
      });
    await Promise.all(turns);
  }

  async function listOpenLetters(filter: string): Promise<Letter[]> {
    const { body } = await ask(random.pick(API_NAMES), 'GET', `/api/v1/dlq?limit=50${filter}`);
    return (body.items as Letter[]).filter(({ action }) => action === null);
  }

  async function act(api: ApiName, { id }: Letter, action: string): Promise<void> {
    const { status, body } = await ask(api, 'POST', `/api/v1/dlq/${id}/${action}`, {
      by: 'prove',
      reason: 'chaos',
    });
    if (status < 300) tally.count(`dead letter: ${action}`);
    else if (body.code === EVIDENCE) tally.count('redrive refused because of evidence');
  }

  async function redriveMany(): Promise<void> {
    const letters = (await listOpenLetters('').catch(() => [])).slice(0, BULK_LETTERS).map(({ id }) => id);
    if (letters.length === 0) return;
    const order = { letters, per_second: BULK_PER_SECOND, by: 'prove-bulk', reason: 'chaos' };
    // One of them may be down; neither knows of an order of the other's.
    for (const api of random.shuffle(API_NAMES)) {
      const { status } = await ask(api, 'POST', '/api/v1/bulk-redrives', order).catch(() => ({ status: 0 }));
      if (status !== 202) continue;
      tally.count('dead letters: bulk redrive');
      return;
    }
  }

  function ask(api: ApiName, method: string, path: string, body?: object) {
    return askAsOperator(fleet.originOf(api), { method, path, body });
  }
}
