import type { Knex } from '../../../database/database.ts';
import { findUserIds, findUserWallet, type UserIds } from '../../../wallets/read-user-wallets.sql.ts';
import { type UserName, writeUserName } from '../../../wallets/user-name.ts';
import type { UserWallet } from '../../../wallets/user-wallet.ts';
import { Problem } from '../../problems/problem.ts';

/** Which user a request is about, and the field that says so. */
export interface NamedUser {
  readonly name: UserName;
  readonly field: string;
}

/** @throws Problem if there is no such user. */
export async function requireUser(knex: Knex, { name, field }: NamedUser): Promise<UserIds> {
  const ids = await findUserIds(knex, name);
  if (!ids) throw userNotFound({ name, field });
  return ids;
}

/**
 * The id of a user for a command that says by itself if there is no such user: a number is the id, and is not looked up.
 * @throws Problem if no user was created with this UUID.
 */
export async function requireUserId(knex: Knex, { name, field }: NamedUser): Promise<bigint> {
  if (name.kind === 'number') return name.userId;
  return (await requireUser(knex, { name, field })).userId;
}

/**
 * A user's wallet in a currency, or without one the wallet that the user began with.
 * @throws Problem if there is no such user, or the user has no such wallet.
 */
export async function requireUserWallet(
  knex: Knex,
  { name, field }: NamedUser,
  { currency }: { readonly currency?: string | undefined },
): Promise<UserWallet> {
  const wallet = await findUserWallet(knex, name, { currency });
  if (wallet === undefined) throw userNotFound({ name, field });
  if (wallet === null) throw walletMissing(name, currency ?? '');
  return wallet;
}

export function walletMissing(name: UserName, currency: string): Problem {
  const user = writeUserName(name);
  return new Problem('wallet-not-found', {
    detail: `User ${user} has no wallet in ${currency}. Nothing was done.`,
    errors: [{ field: 'currency', message: `is ${currency}, in which user ${user} has no wallet` }],
  });
}

function userNotFound({ name, field }: NamedUser): Problem {
  return new Problem('user-not-found', {
    detail: `There is no user ${writeUserName(name)}. Nothing was done.`,
    errors: [{ field, message: 'is not a user' }],
  });
}
