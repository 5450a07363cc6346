import type { Transaction } from '../database/database.ts';
import type { WalletName } from './command-kind.ts';

/**
 * Locks wallets in the order of their ids (lock-order.ts), and returns what is available in each, in minor units, by wallet id. Names
 * without a wallet are left out and, with `set_aside`, so are wallets that another transaction has locked.
 */
export async function lockWallets(
  transaction: Transaction,
  names: readonly WalletName[],
  { lockedWallets }: { readonly lockedWallets: 'wait' | 'set_aside' },
): Promise<Map<bigint, bigint>> {
  if (names.length === 0) return new Map();
  const { rows } = await transaction.query<{ id: bigint; available: bigint }>({
    name: `commands-lock-wallets-${lockedWallets}`,
    text: `
      select id, posted - held as available
      from accounts
      where (user_id, currency) in (select * from unnest($1::bigint[], $2::text[]))
      order by id
      for no key update${lockedWallets === 'set_aside' ? ' skip locked' : ''}`,
    values: [names.map(({ userId }) => userId), names.map(({ currency }) => currency)],
  });
  return new Map(rows.map((row) => [row.id, row.available]));
}
