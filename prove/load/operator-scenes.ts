import { formatAmount } from '../../src/money/decimal-amount.ts';
import { type Client, isSuccess, otherThan } from './client.ts';
import type { CommandIntent, Intent } from './client-journal.ts';
import type { Of, Stage } from './command-scenes.ts';
import { openWallet } from './open-wallet.ts';

const FEES_PATH = '/api/v1/currency/fees';
const WHO = { by: 'prove', reason: 'chaos' };

/** Something costs something else from now on, until the next one who changes it, or until it is ended. */
export async function playFee({ terms, isEnded, firstApi }: Of<'fee'>, { client }: Stage): Promise<void> {
  const { kind, currency, payer, percent, fixedMinor, leastMinor, mostMinor } = terms;
  const amounts = { fixed: fixedMinor, least: leastMinor, most: mostMinor };
  const given = Object.entries(amounts).filter(([, amount]) => amount !== null);
  const set = await client.insistOn(
    about('fee', FEES_PATH, {
      ...{ kind, percent, payer },
      ...(currency === null ? {} : { currency }),
      ...Object.fromEntries(given.map(([name, amount]) => [name, formatAmount(amount as bigint, 'USD')])),
    }),
    firstApi,
  );
  if (!isEnded || !isSuccess(set)) return;
  const { after } = JSON.parse(set.body);
  await client.insistOn(about('end_fee', `${FEES_PATH}/${after.id}/end`, {}), otherThan(firstApi));
}

/** A wallet is frozen, its owner tries to get money out of it in every way, and then it is open again. */
export async function playFreeze({ request, to }: Of<'freeze'>, { client, users }: Stage): Promise<void> {
  const { user, amountMinor, key, firstApi } = request;
  const [userId, takerId] = [users[user] as bigint, users[to] as bigint];
  const [walletId, takerWalletId] = await Promise.all(
    [userId, takerId].map((owner) => openWallet(client, { userId: owner, currency: 'USD', api: firstApi })),
  );
  if (walletId === undefined || takerWalletId === undefined) return;
  const change = (kind: 'freeze' | 'unfreeze') => ({
    ...about(kind, `/api/v1/wallets/${walletId}/${kind}`, {}),
    userId,
  });
  const frozen = await client.insistOn(change('freeze'), firstApi);
  if (isSuccess(frozen))
    await takeOut(client, { userId, walletId, takerWalletId, amountMinor, key, firstApi });
  await client.insistOn(change('unfreeze'), otherThan(firstApi));
}

interface Attempted extends Pick<Of<'freeze'>['request'], 'amountMinor' | 'key' | 'firstApi'> {
  readonly userId: bigint;
  readonly walletId: number;
  readonly takerWalletId: number;
}

async function takeOut(
  client: Client,
  { userId, walletId, takerWalletId, amountMinor, key, firstApi }: Attempted,
): Promise<void> {
  const amount = formatAmount(amountMinor, 'USD');
  const command = (kind: 'hold' | 'transfer', path: string, body: CommandIntent['body']) => ({
    ...{ kind, userId, key: `${key}-${kind}`, path },
    body: { ...body, amount },
  });
  const withdrawal: Intent = { userId, type: 'withdraw', amountMinor, key };
  const deposit: Intent = { userId, type: 'deposit', amountMinor, key: `${key}-in` };
  await Promise.all([
    client.insist(withdrawal, firstApi),
    client.insist(withdrawal, otherThan(firstApi)),
    client.insist(deposit, otherThan(firstApi)),
    client.insistOn(
      command('transfer', `/api/v1/wallets/${walletId}/transfer`, { to_wallet_id: takerWalletId }),
      otherThan(firstApi),
    ),
    client.insistOn(
      command('hold', `/api/v1/accounts/${userId}/hold`, { order_id: `order of ${key}` }),
      firstApi,
    ),
  ]);
}

/** What an operator wants; these need no key. */
function about(kind: CommandIntent['kind'], path: string, body: CommandIntent['body']): CommandIntent {
  return { kind, userId: null, key: null, path, body: { ...body, ...WHO } };
}
