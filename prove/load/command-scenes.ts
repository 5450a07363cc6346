import { setTimeout as sleep } from 'node:timers/promises';
import { formatAmount } from '../../src/money/decimal-amount.ts';
import { API_NAMES } from '../plan/members.ts';
import type { Scene } from '../plan/scene.ts';
import { QUOTE_VALID_MS } from '../processes/settings.ts';
import { type Client, isSuccess, otherThan } from './client.ts';
import { openWallet } from './open-wallet.ts';

/** Long enough for a quote, or for the time of a hold, to have run out by the database's idea of now. */
export const LATE_BY_MS = 500;

/** Who plays, and for whom. */
export interface Stage {
  readonly client: Client;
  readonly users: readonly bigint[];
}
export type Of<Kind extends Scene['kind']> = Extract<Scene, { kind: Kind }>;

/** Opposite ways at once; another client uses the key of the first for another amount. */
export async function playTransfer(
  { request, to, hangsUpAfterMs }: Of<'transfer'>,
  { client, users }: Stage,
): Promise<void> {
  const { user, amountMinor, key, firstApi } = request;
  const [giver, taker] = [users[user] as bigint, users[to] as bigint];
  const [giverWallet, takerWallet] = await Promise.all([
    openWallet(client, { userId: giver, currency: 'USD', api: firstApi }),
    openWallet(client, { userId: taker, currency: 'USD', api: otherThan(firstApi) }),
  ]);
  if (giverWallet === undefined || takerWallet === undefined) return;
  const move = (userId: bigint, from: number, toWallet: number, minor: bigint, suffix: string) => ({
    kind: 'transfer' as const,
    userId,
    key: `${key}${suffix}`,
    path: `/api/v1/wallets/${from}/transfer`,
    body: { to_wallet_id: toWallet, amount: formatAmount(minor, 'USD') },
  });
  const there = move(giver, giverWallet, takerWallet, amountMinor, '');
  const back = move(taker, takerWallet, giverWallet, amountMinor / 2n + 1n, '-back');
  const other = move(giver, giverWallet, takerWallet, amountMinor + 1n, '');
  if (hangsUpAfterMs !== null) await client.command(there, firstApi, { hangUpAfterMs: hangsUpAfterMs });
  await Promise.all([
    client.insistOn(there, firstApi),
    client.insistOn(there, otherThan(firstApi)),
    client.insistOn(back, otherThan(firstApi)),
  ]);
  await client.insistOn(other, firstApi);
}

/** Two keys want the same quote, one of them through both APIs, and so does another user; or all of them come too late. */
export async function playConversion(
  { request, from, to, names, stranger, isLeft }: Of<'conversion'>,
  { client, users }: Stage,
): Promise<void> {
  const { user, amountMinor, key, firstApi } = request;
  const userId = users[user] as bigint;
  await Promise.all([from, to].map((currency) => openWallet(client, { userId, currency, api: firstApi })));
  const named = names === 'amount' ? from : to;
  const offered = await client.insistOn(
    {
      kind: 'quote',
      userId,
      key: null,
      path: '/api/v1/currency/convert/preview',
      body: { user_id: Number(userId), from, to, [names]: formatAmount(amountMinor, named) },
    },
    firstApi,
  );
  if (!isSuccess(offered)) return;
  const token: string = JSON.parse(offered.body).quote_id;
  const take = (suffix: string, by: bigint) => ({
    kind: 'convert' as const,
    userId: by,
    key: `${key}${suffix}`,
    path: '/api/v1/currency/convert/execute',
    body: { quote_id: token, user_id: Number(by) },
  });
  if (isLeft) await sleep(QUOTE_VALID_MS + LATE_BY_MS);
  await Promise.all([
    ...API_NAMES.map((api) => client.insistOn(take('', userId), api)),
    client.insistOn(take('-again', userId), otherThan(firstApi)),
    client.insistOn(take('-stranger', users[stranger] as bigint), firstApi),
  ]);
}
