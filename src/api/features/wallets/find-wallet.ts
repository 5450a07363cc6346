import { z } from 'zod';
import type { Knex } from '../../../database/database.ts';
import { listWalletStateChanges } from '../../../ledger/wallet-state-changes.sql.ts';
import { explainUnknownCurrency, isKnownCurrency } from '../../../money/currency.ts';
import { findWallet, findWalletOf } from '../../../wallets/read-wallets.sql.ts';
import type { Wallet, WalletIdentity } from '../../../wallets/wallet.ts';
import { describedAs } from '../../describe/described-as.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { renderWalletWithHistory } from './render-wallet.ts';

/** What names a wallet of a user. Whatever it says, it is answered with the wallet or with there being none. */
export const namedWalletField = z.string().meta({
  ...describedAs({ type: 'string', pattern: '^[A-Z]{3}$' }),
  description: 'The currency of the wallet, by its code in ISO 4217.',
  example: 'EUR',
});

export function userNotFound(userId: bigint): Problem {
  return new Problem('user-not-found', { detail: `There is no user ${userId}.` });
}

/**
 * A user's wallet in a currency, or without one the wallet that the user began with.
 * @throws Problem where there is no such user, or the user has no such wallet.
 */
export async function requireWalletOf(
  knex: Knex,
  { userId, currency }: { readonly userId: bigint; readonly currency?: string | undefined },
): Promise<Wallet> {
  // A text that is no currency must not reach the database, which could not even compare some of them.
  const isKnown = currency === undefined || isKnownCurrency(currency);
  const wallet = await findWalletOf(knex, { userId, currency: isKnown ? currency : undefined });
  if (wallet === undefined) throw userNotFound(userId);
  if (wallet !== null && isKnown) return wallet;
  const message =
    (isKnown ? undefined : explainUnknownCurrency(currency)) ??
    `is ${currency}, but user ${userId} has no wallet in ${currency}`;
  throw new Problem('no-such-wallet', {
    detail: `User ${userId} has no such wallet: currency ${message}.`,
    errors: [{ field: 'currency', message }],
  });
}

const MOST_CHANGES = 100;

/** @throws Problem where there is no wallet of this id. */
export async function readWalletWithHistory(knex: Knex, walletId: bigint) {
  const wallet = await requireWallet(knex, walletId);
  const changes = await listWalletStateChanges(knex, { ...wallet, limit: MOST_CHANGES });
  return renderWalletWithHistory(wallet, changes);
}

/** @throws Problem where there is no wallet of this id. */
export async function requireWallet(knex: Knex, walletId: bigint): Promise<Wallet> {
  const wallet = await findWallet(knex, walletId);
  if (!wallet) throw noSuchWallet(walletId);
  return wallet;
}

/**
 * What never changes of the wallet, for a command.
 * @param field the one that names it.
 * @throws Problem where there is no wallet of this id.
 */
export async function requireWalletIdentity(
  { lookups }: Pick<ApiContext, 'lookups'>,
  walletId: bigint,
  field: 'wallet_id' | 'to_wallet_id' = 'wallet_id',
): Promise<WalletIdentity> {
  const wallet = await lookups.wallets.find(walletId);
  if (!wallet) throw noSuchWallet(walletId, field);
  return wallet;
}

/** @param field the one that names it: in the path, or another one, whose request did nothing. */
export function noSuchWallet(walletId: bigint, field: 'wallet_id' | 'to_wallet_id' = 'wallet_id'): Problem {
  const nothing = field === 'wallet_id' ? '' : ' Nothing was done.';
  return new Problem('no-such-wallet', {
    detail: `There is no wallet ${walletId}.${nothing}`,
    errors: [{ field, message: 'names no wallet' }],
  });
}
