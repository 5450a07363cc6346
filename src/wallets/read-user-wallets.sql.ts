import type { Knex } from '../database/database.ts';
import type { UserName } from './user-name.ts';
import type { UserWallet } from './user-wallet.ts';

/** The columns of a UserWallet, from `owner` (users) and `wallet` (accounts), which may both be missing. */
export const USER_WALLET_COLUMNS = `
  owner.id as "userId", owner.external_id as "externalId", wallet.id as "walletId", wallet.currency, wallet.posted as "postedMinor",
  wallet.created_at as "createdAt",
  coalesce((
    select header.created_at
    from ledger_entries as entry
    join ledger_transactions as header on header.id = entry.transaction_id
    where entry.account_id = wallet.id
    order by entry.transaction_id desc
    limit 1
  ), wallet.created_at) as "updatedAt"`;

/** What a user is called here and elsewhere. */
export type UserIds = Pick<UserWallet, 'userId' | 'externalId'>;

export async function findUserIds(knex: Knex, name: UserName): Promise<UserIds | undefined> {
  const { rows } = await knex.raw(
    `select owner.id as "userId", owner.external_id as "externalId" from users as owner where ${isCalled(name)}`,
    { ...name },
  );
  return rows[0];
}

/**
 * Reads a user's wallet without a name in a currency, or without a currency the one that the user began with; balance and time are those of one moment.
 * @returns null if the user has no such wallet, undefined if there is no such user.
 */
export async function findUserWallet(
  knex: Knex,
  name: UserName,
  { currency = null }: { readonly currency?: string | null | undefined },
): Promise<UserWallet | null | undefined> {
  const { rows } = await knex.raw(
    `
    select ${USER_WALLET_COLUMNS}
    from users as owner
    left join lateral (
      select id, currency, posted, created_at
      from accounts
      where user_id = owner.id and name = '' and (currency = :currency or :currency::text is null)
      order by id
      limit 1
    ) as wallet on true
    where ${isCalled(name)}`,
    { ...name, currency },
  );
  const [wallet] = rows;
  return wallet && (wallet.walletId === null ? null : wallet);
}

/** Reads the wallet that a payment goes to or comes from. */
export async function findWalletOfPayment(knex: Knex, paymentId: bigint): Promise<UserWallet | undefined> {
  const { rows } = await knex.raw(
    `
    select ${USER_WALLET_COLUMNS}
    from payments as payment
    join accounts as wallet on wallet.id = payment.wallet_id
    join users as owner on owner.id = payment.user_id
    where payment.id = :paymentId`,
    { paymentId },
  );
  return rows[0];
}

/** One index for each: with both in one condition, none would be used. */
function isCalled({ kind }: UserName): string {
  return kind === 'number' ? 'owner.id = :userId' : 'owner.external_id = :externalId::uuid';
}
