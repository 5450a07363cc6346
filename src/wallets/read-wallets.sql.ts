import type { Knex, Queryable } from '../database/database.ts';
import type { Wallet, WalletIdentity } from './wallet.ts';

export const WALLET_COLUMNS = `
  wallet.id as "walletId", wallet.user_id as "userId", wallet.currency, wallet.name, wallet.state, wallet.posted as "postedMinor",
  wallet.held as "heldMinor", wallet.created_at as "createdAt"`;

/**
 * The wallets of a user, oldest first: one without a name for each currency, and those with a name. Every user has at least one, so an empty result means that the user does not
 * exist.
 */
export async function listWallets(knex: Knex, userId: bigint): Promise<Wallet[]> {
  const { rows } = await knex.raw(
    `select ${WALLET_COLUMNS} from accounts as wallet where wallet.user_id = :userId order by wallet.id`,
    { userId },
  );
  return rows;
}

/**
 * Finds a user's wallet without a name in a currency, or without a currency the oldest one, which was opened with the user.
 * @returns null if the user has no such wallet, undefined if there is no such user.
 */
export async function findWalletOf(
  knex: Knex,
  { userId, currency = null }: { readonly userId: bigint; readonly currency?: string | null | undefined },
): Promise<Wallet | null | undefined> {
  const { rows } = await knex.raw(
    `
    select ${WALLET_COLUMNS}
    from users as owner
    left join accounts as wallet
      on wallet.user_id = owner.id and wallet.name = '' and (wallet.currency = :currency or :currency::text is null)
    where owner.id = :userId
    order by wallet.id
    limit 1`,
    { userId, currency },
  );
  const [wallet] = rows;
  return wallet && (wallet.walletId === null ? null : wallet);
}

export async function findWallet(knex: Knex, walletId: bigint): Promise<Wallet | undefined> {
  const { rows } = await knex.raw(
    `select ${WALLET_COLUMNS} from accounts as wallet where wallet.id = :walletId and wallet.user_id is not null`,
    { walletId },
  );
  return rows[0];
}

/** Finds wallets of users by their ids: one for each id in order, undefined for an id that no wallet of a user has. */
export async function readWalletIdentities(
  queryable: Queryable,
  walletIds: readonly bigint[],
): Promise<(WalletIdentity | undefined)[]> {
  const { rows } = await queryable.query<WalletIdentity | Record<keyof WalletIdentity, null>>({
    name: 'wallets-read-identities',
    text: `
      select wallet.id as "walletId", wallet.user_id as "userId", wallet.currency, wallet.name
      from unnest($1::bigint[]) with ordinality as asked (id, position)
      left join lateral (
        select id, user_id, currency, name from accounts where id = asked.id and user_id is not null limit 1
      ) as wallet on true
      order by asked.position`,
    values: [walletIds],
  });
  return rows.map((row) => (row.walletId === null ? undefined : row));
}
