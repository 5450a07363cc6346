import type { Transaction } from '../database/database.ts';

/** Locks wallets in the order of their ids, without waiting, and returns those that it could lock. */
export async function lockFreeWallets(
  transaction: Transaction,
  walletIds: readonly bigint[],
): Promise<Set<bigint>> {
  const { rows } = await transaction.query<{ id: bigint }>({
    name: 'ledger-lock-free-wallets',
    text: 'select id from accounts where id = any ($1::bigint[]) order by id for no key update skip locked',
    values: [[...new Set(walletIds)]],
  });
  return new Set(rows.map((row) => row.id));
}
