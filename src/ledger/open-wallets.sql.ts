import type { Queryable, Transaction } from '../database/database.ts';
import { currencyScale } from '../money/currency.ts';

export interface NewWallet {
  readonly walletId: bigint;
  readonly userId: bigint;
  readonly currency: string;
  /** Empty for the user's wallet without a name. */
  readonly name: string;
  /** The time of the transaction that writes it. */
  readonly createdAt: Date;
}

/**
 * Opens empty wallets; the system accounts of their currencies must exist. They are written in the order of user, currency and name, so that two
 * transactions that open the same ones wait for each other and never deadlock.
 * @returns whether all were opened, which requires that none of them existed.
 */
export async function insertWallets(
  transaction: Transaction,
  wallets: readonly NewWallet[],
): Promise<boolean> {
  const { rowCount } = await transaction.query({
    name: 'ledger-insert-wallets',
    text: `
      insert into accounts (id, user_id, kind, currency, name, scale, floor)
      select id, user_id, 'wallet', currency, name, scale, 0
      from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::int[]) as t (id, user_id, currency, name, scale)
      order by user_id, currency, name
      on conflict (user_id, currency, name) where user_id is not null do nothing`,
    values: [
      wallets.map(({ walletId }) => walletId),
      wallets.map(({ userId }) => userId),
      wallets.map(({ currency }) => currency),
      wallets.map(({ name }) => name),
      wallets.map(({ currency }) => currencyScale(currency)),
    ],
  });
  return rowCount === wallets.length;
}

/** After a crash, the server may assign an id again, but not with the same time. */
export async function isWalletWritten(
  queryable: Queryable,
  { walletId, createdAt }: Pick<NewWallet, 'walletId' | 'createdAt'>,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select 1 from accounts where id = $1 and date_trunc('milliseconds', created_at) = $2`,
    [walletId, createdAt],
  );
  return rowCount === 1;
}
