import type { Knex } from '../database/database.ts';
import { type Page, type PageQuery, readPage } from '../database/list-page.sql.ts';
import type { WalletState } from '../ledger/wallet-state.ts';
import { WALLET_COLUMNS } from './read-wallets.sql.ts';
import type { Wallet } from './wallet.ts';

export interface WalletFilter {
  readonly userId?: bigint | undefined;
  readonly currency?: string | undefined;
  readonly state?: WalletState | undefined;
}

/** Lists wallets, newest first. No index knows the currency or the state alone, so a filter by them looks at a bounded number of them for each page. */
export async function listAllWallets(knex: Knex, query: WalletFilter & PageQuery): Promise<Page<Wallet>> {
  const { userId, currency, state } = query;
  return await readPage(knex, {
    query,
    walk: {
      as: 'wallet',
      columns: 'listed.*',
      createdAt: 'listed.created_at',
      from: 'accounts as listed',
      id: 'listed.id',
      where: [userId === undefined ? 'listed.user_id is not null' : 'listed.user_id = :userId'],
    },
    select: `select ${WALLET_COLUMNS}`,
    filters: [
      currency === undefined ? undefined : 'wallet.currency = :currency',
      state === undefined ? undefined : 'wallet.state = :state',
    ],
    values: { userId: userId ?? null, currency: currency ?? null, state: state ?? null },
  });
}
