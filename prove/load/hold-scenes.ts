import { setTimeout as sleep } from 'node:timers/promises';
import { formatAmount } from '../../src/money/decimal-amount.ts';
import { API_NAMES } from '../plan/members.ts';
import { isSuccess, otherThan } from './client.ts';
import type { CommandIntent } from './client-journal.ts';
import { LATE_BY_MS, type Of, type Stage } from './command-scenes.ts';
import { openNamedWallet, openWallet } from './open-wallet.ts';

/** Time for some of the parts to be captured, while processes die, and for some of them to come too late. */
const LEFT_SECONDS = 4;
const KEPT_SECONDS = 3600;
/** What is moved to a wallet with a name before it is held: enough whatever the transfer costs, and whoever pays it. */
const FUNDED_TIMES = 2n;
const FUNDED_MORE_MINOR = 100n;

type Hold = Of<'hold'>;

/** Money is held, parts of it are captured, and then what the scene says becomes of the rest. */
export async function playHold(scene: Hold, stage: Stage): Promise<void> {
  const { client } = stage;
  const { amountMinor, firstApi } = scene.request;
  const [source, target] = await Promise.all([findSource(scene, stage), findTarget(scene, stage)]);
  if (!source || !target) return;
  const order = orderOf(scene, stage);
  const expiresIn = scene.ending === 'left' ? LEFT_SECONDS : KEPT_SECONDS;
  const body = { amount: formatAmount(amountMinor, 'USD'), expires_in_seconds: expiresIn };
  const answers = await Promise.all([
    client.insistOn({ ...order('hold', '', body), ...source.ofWallet(body) }, firstApi),
    client.insistOn(order('hold', '-again', { ...body, ...source.named }), otherThan(firstApi)),
  ]);
  if (!answers.some(isSuccess)) return;
  if (source.isNamed) await client.insistOn(order('hold', '-elsewhere', body), firstApi);

  const partMinor = amountMinor / BigInt(scene.partCount + 1);
  const parts = Array.from({ length: partMinor > 0n ? scene.partCount : 0 }, (_, index) =>
    order('capture', `-part-${index}`, {
      ...{ amount: formatAmount(partMinor, 'USD'), final: false, ...target },
    }),
  );
  const rest = order('capture', '-rest', target);
  const release = order('release', '-release', {});
  const captured = parts.flatMap((part) => API_NAMES.map((api) => client.insistOn(part, api)));
  const lastOnes = () => [client.insistOn(rest, firstApi), client.insistOn(release, otherThan(firstApi))];
  switch (scene.ending) {
    case 'contested':
      return void (await Promise.all([...captured, ...lastOnes()]));
    case 'captured':
      await Promise.all(captured);
      return void (await Promise.all(API_NAMES.map((api) => client.insistOn(rest, api))));
    case 'released':
      await Promise.all(captured);
      return void (await Promise.all([
        ...API_NAMES.map((api) => client.insistOn(release, api)),
        client.insistOn({ ...release, key: `${release.key}-again` }, firstApi),
      ]));
    case 'left':
      await Promise.all([...captured, sleep(LEFT_SECONDS * 1000 + LATE_BY_MS)]);
      return void (await Promise.all(lastOnes()));
    case 'kept':
      return void (await Promise.all(captured));
  }
}

/** Makes requests about the order of a scene, each with a key of its own. */
function orderOf({ request: { user, key } }: Hold, { users }: Stage) {
  const userId = users[user] as bigint;
  return (
    kind: 'hold' | 'capture' | 'release',
    suffix: string,
    body: CommandIntent['body'],
  ): CommandIntent => ({
    kind,
    userId,
    key: `${key}${suffix}`,
    path: `/api/v1/accounts/${userId}/${kind}`,
    body: { order_id: `order of ${key}`, ...body },
  });
}

/**
 * The wallet that money is held of. One with a name gets the money first, from the wallet of the same user without one.
 * @returns undefined if it is too late.
 */
async function findSource(
  { request: { user, amountMinor, key, firstApi }, isNamed }: Hold,
  { client, users }: Stage,
) {
  const userId = users[user] as bigint;
  if (!isNamed) return { isNamed, named: {}, ofWallet: () => ({}) };
  const wanted = { userId, currency: 'USD', api: firstApi };
  const [plain, named] = await Promise.all([
    openWallet(client, wanted),
    openNamedWallet(client, { ...wanted, name: 'savings' }),
  ]);
  if (plain === undefined || named === undefined) return undefined;
  await client.insistOn(
    {
      ...{ kind: 'transfer', userId, key: `${key}-fund`, path: `/api/v1/wallets/${plain}/transfer` },
      body: {
        to_wallet_id: named,
        amount: formatAmount(amountMinor * FUNDED_TIMES + FUNDED_MORE_MINOR, 'USD'),
      },
    },
    firstApi,
  );
  return {
    isNamed,
    named: { wallet_id: named },
    /** The same hold as the path of the wallet has it. */
    ofWallet: (body: CommandIntent['body']) => ({
      path: `/api/v1/wallets/${named}/hold`,
      body: { order_id: `order of ${key}`, ...body },
    }),
  };
}

/** Members of a capture that say who gets the money; undefined if it is too late. */
async function findTarget(
  { to, seller, request: { firstApi } }: Hold,
  { client, users }: Stage,
): Promise<CommandIntent['body'] | undefined> {
  const userId = users[seller] as bigint;
  if (to === 'sales') return {};
  if (to === 'user') return { to_user_id: Number(userId) };
  const walletId = await openNamedWallet(client, { userId, currency: 'USD', name: 'shop', api: firstApi });
  return walletId === undefined ? undefined : { to_wallet_id: walletId };
}
