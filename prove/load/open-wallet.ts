import type { ApiName } from '../plan/members.ts';
import { type Client, isSuccess, otherThan } from './client.ts';

interface WantedWallet {
  readonly userId: bigint;
  readonly currency: string;
  readonly api: ApiName;
}

/** Opens a wallet, or finds it, with the same two keys each time; gives its id, unless it is too late. */
export async function openWallet(
  client: Client,
  { userId, currency, api }: WantedWallet,
): Promise<number | undefined> {
  return await openWithTwoKeys(client, {
    ...{ userId, api, key: `wallet-${userId}-${currency}` },
    ...{ path: `/api/v1/users/${userId}/wallets`, body: { currency } },
  });
}

/** The same for a wallet with a name: one of the two keys opens it, and the other is told that the name is taken. */
export async function openNamedWallet(
  client: Client,
  { userId, currency, name, api }: WantedWallet & { readonly name: string },
): Promise<number | undefined> {
  return await openWithTwoKeys(client, {
    ...{ userId, api, key: `wallet-${userId}-${currency}-${name}` },
    ...{ path: '/api/v1/wallets', body: { user_id: Number(userId), currency, name } },
  });
}

async function openWithTwoKeys(
  client: Client,
  { userId, api, key, path, body }: Omit<WantedWallet, 'currency'> & Wanted,
): Promise<number | undefined> {
  const intent = { kind: 'wallet' as const, userId, key, path, body };
  const answers = await Promise.all([
    client.insistOn(intent, api),
    client.insistOn({ ...intent, key: `${key}-again` }, otherThan(api)),
  ]);
  const opened = answers.find(isSuccess);
  return opened && JSON.parse(opened.body).id;
}

interface Wanted {
  readonly key: string;
  readonly path: string;
  readonly body: Readonly<Record<string, string | number>>;
}
