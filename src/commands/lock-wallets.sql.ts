import { strict as assert } from 'node:assert';
import type { Transaction } from '../database/database.ts';
import type { WalletName } from './command-kind.ts';
import type { LockedWallet } from './funds.ts';

/**
 * Locks wallets in the order of their ids (test/locks/lock-order.ts), and returns what is available in each, in minor units, and its state, by
 * wallet id. Names without a wallet are left out and, with `skip`, so are wallets that another transaction has locked.
 */
export async function lockWallets(
  transaction: Transaction,
  names: readonly WalletName[],
  { lockedWallets }: { readonly lockedWallets: 'wait' | 'skip' },
): Promise<Map<bigint, LockedWallet>> {
  if (names.length === 0) return new Map();
  const byId = names.flatMap((name) => ('walletId' in name ? [name.walletId] : []));
  const byOwner = names.flatMap((name) => ('walletId' in name ? [] : [name]));
  assert(
    byId.length === 0 || byOwner.length === 0,
    'wallets are named in two ways, and one order goes for all',
  );
  const [named, condition, values] =
    byId.length > 0
      ? (['ids', 'id = any ($1::bigint[])', [byId]] as const)
      : ([
          'owners',
          '(user_id, currency, name) in (select * from unnest($1::bigint[], $2::text[], $3::text[]))',
          [
            byOwner.map(({ userId }) => userId),
            byOwner.map(({ currency }) => currency),
            byOwner.map(({ name = '' }) => name),
          ],
        ] as const);
  const { rows } = await transaction.query<LockedWallet & { id: bigint }>({
    name: `commands-lock-wallets-by-${named}-${lockedWallets}`,
    text: `
      select id, posted - held as "availableMinor", state
      from accounts
      where ${condition}
      order by id
      for no key update${lockedWallets === 'skip' ? ' skip locked' : ''}`,
    values: [...values],
  });
  return new Map(rows.map(({ id, ...wallet }) => [id, wallet]));
}
