import { setTimeout as sleep } from 'node:timers/promises';
import { askAgain } from '../../src/background/ask-again.ts';
import { HOT_BALANCE_MINOR, HOT_USER, type PlannedRequest, type Scene, USER_COUNT } from '../plan/scene.ts';
import { type Client, isSettled, otherThan, readAcceptance } from './client.ts';
import type { Answer, Intent } from './client-journal.ts';
import { playConversion, playTransfer } from './command-scenes.ts';
import { playHold } from './hold-scenes.ts';
import { playFee, playFreeze } from './operator-scenes.ts';

const BALANCE_MINOR = 200_000n;
const NEW_USER_BALANCE_MINOR = 5000n;
const MAX_SCENES_AT_ONCE = 150;
const MAX_REMEMBERED = 2000;
/** How long clients try to refund a deposit that has not settled yet, and how often. */
const REFUND_FOR_MS = 20_000;
const REFUND_PAUSES = { baseMs: 500, maxMs: 500 };

export interface TrafficOptions {
  readonly client: Client;
  readonly seed: number;
  readonly scenes: Iterable<Scene>;
  readonly paymentCount: number;
  /** The scenes are spread over this time; those that do not fit in are left out. */
  readonly durationMs: number;
  readonly signal: AbortSignal;
}

/** Creates the users, while processes are already being killed. */
export async function createUsers({
  client,
  seed,
}: Pick<TrafficOptions, 'client' | 'seed'>): Promise<bigint[]> {
  const users = await Promise.all(
    Array.from({ length: USER_COUNT }, (_, index) =>
      client.createUser(index === HOT_USER ? HOT_BALANCE_MINOR : BALANCE_MINOR, `user-${seed}-${index}`),
    ),
  );
  return users.map((userId) => {
    if (userId === undefined) throw new Error('the users could not be created');
    return userId;
  });
}

/** Plays the scenes, many at once, and resolves when the last one is over. */
export async function runTraffic(users: readonly bigint[], options: TrafficOptions): Promise<void> {
  const { client, durationMs, paymentCount } = options;
  const startedAt = performance.now();
  const underWay = new Set<Promise<unknown>>();
  const remembered: Intent[] = [];
  const stage = { client, users };
  let requestCount = 0;

  for (const scene of options.scenes) {
    const dueAt = startedAt + (requestCount / paymentCount) * durationMs;
    requestCount += scene.kind === 'race' ? scene.requests.length : 1;
    const pauseMs = dueAt - performance.now();
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: options.signal }).catch(() => {});
    while (underWay.size >= MAX_SCENES_AT_ONCE) await Promise.race(underWay);
    if (options.signal.aborted || performance.now() - startedAt > durationMs) break;
    const happening = play(scene).finally(() => underWay.delete(happening));
    underWay.add(happening);
  }
  await Promise.all(underWay);

  async function play(scene: Scene): Promise<unknown> {
    switch (scene.kind) {
      case 'single':
      case 'without_key':
        return await client.insist(intentOf(scene.request), scene.request.firstApi);
      case 'duplicates': {
        const { request, copies } = scene;
        const intent = intentOf(request);
        return await Promise.all(
          Array.from({ length: copies }, (_, index) =>
            client.insist(intent, index % 2 === 0 ? request.firstApi : otherThan(request.firstApi)),
          ),
        );
      }
      case 'refunds':
        return await refund(scene);
      case 'hold':
        return await playHold(scene, stage);
      case 'transfer':
        return await playTransfer(scene, stage);
      case 'conversion':
        return await playConversion(scene, stage);
      case 'fee':
        return await playFee(scene, stage);
      case 'freeze':
        return await playFreeze(scene, stage);
      case 'reused_key': {
        const first = client.insist(intentOf(scene.request), scene.request.firstApi);
        if (!scene.isAtOnce) await first;
        await client.insist(intentOf(scene.other), otherThan(scene.request.firstApi));
        return await first;
      }
      case 'hang_up': {
        const intent = intentOf(scene.request);
        await client.send(intent, scene.request.firstApi, { hangUpAfterMs: scene.afterMs });
        return await client.insist(intent, otherThan(scene.request.firstApi));
      }
      case 'race':
        return await Promise.all(
          scene.requests.map((request) => client.insist(intentOf(request), request.firstApi)),
        );
      case 'replay': {
        const intent = remembered[Math.floor(scene.position * remembered.length)];
        return intent && (await client.insist(intent, 'api-1'));
      }
      case 'new_user':
        return await client.createUser(NEW_USER_BALANCE_MINOR, scene.key);
    }
  }

  /** Tries again while the deposit has not settled; it may never settle. */
  async function refund({ request, amountsMinor }: Extract<Scene, { kind: 'refunds' }>): Promise<unknown> {
    const accepted = readAcceptance(await client.insist(intentOf(request), request.firstApi));
    if (!accepted) return undefined;
    const { paymentId: refundOf, userId } = accepted;
    const intents = amountsMinor.map((amountMinor, index) => {
      const key = request.key === null ? null : `${request.key}-refund-${index}`;
      return { userId, type: 'refund' as const, amountMinor, key, refundOf };
    });
    const ask = () =>
      Promise.all(
        intents.flatMap((intent) => [
          client.send(intent, request.firstApi),
          client.send(intent, otherThan(request.firstApi)),
        ]),
      );
    return await askAgain<readonly Answer[]>([], ask, {
      mustWait: (told) => told.length === 0 || !told.every(isSettled),
      pauses: REFUND_PAUSES,
      forMs: REFUND_FOR_MS,
      signal: options.signal,
    });
  }

  function intentOf({ user, type, amountMinor, key }: PlannedRequest): Intent {
    const intent = { userId: users[user] as bigint, type, amountMinor, key };
    if (key !== null && remembered.length < MAX_REMEMBERED) remembered.push(intent);
    return intent;
  }
}
