import type { Knex } from '../database/database.ts';
import { findWallet } from './read-wallets.sql.ts';

/**
 * Whose rows a list is about that is narrowed to a user, to a wallet, or to both.
 * @returns undefined for everybody's rows; `nobody` where the wallet is not there, or is not the user's.
 */
export async function findOwner(
  knex: Knex,
  { userId, walletId }: { readonly userId: bigint | undefined; readonly walletId: bigint | undefined },
): Promise<bigint | undefined | 'nobody'> {
  if (walletId === undefined) return userId;
  const wallet = await findWallet(knex, walletId);
  if (!wallet || (userId !== undefined && userId !== wallet.userId)) return 'nobody';
  return wallet.userId;
}
