import { currencyScale } from '../shared/currency.ts';
import type { Pool } from '../shared/database.ts';
import { findScaleConflicts } from './frozen-scales.ts';
import { insertSystemAccounts, selectSystemAccounts } from './system-accounts.sql.ts';

const SYSTEM_ACCOUNT_KINDS = ['gateway', 'fee', 'equity', 'suspense'] as const;

/** The accounts that stand opposite to the wallets of one currency. */
export type SystemAccounts = Readonly<Record<(typeof SYSTEM_ACCOUNT_KINDS)[number], bigint>>;

// A pool talks to one database for as long as it lives, and system accounts never change once they are open.
const remembered = new WeakMap<Pool, Map<string, SystemAccounts>>();

/**
 * Gives the system accounts of a currency; opens them at first use, in a transaction of their own, so that what is
 * remembered is committed whatever becomes of the payment that asked.
 * @throws when the currency is not known, or its amounts are kept with another scale than ours.
 */
export async function findSystemAccounts(pool: Pool, currency: string): Promise<SystemAccounts> {
  const known = remembered.get(pool) ?? new Map<string, SystemAccounts>();
  remembered.set(pool, known);
  const accounts = known.get(currency) ?? (await readOrOpen(pool, currency));
  known.set(currency, accounts);
  return accounts;
}

/** The same for several currencies at once, by currency; those of one pool are read once. */
export async function findSystemAccountsOf(
  pool: Pool,
  currencies: Iterable<string>,
): Promise<Map<string, SystemAccounts>> {
  const found = new Map<string, SystemAccounts>();
  for (const currency of new Set(currencies)) found.set(currency, await findSystemAccounts(pool, currency));
  return found;
}

async function readOrOpen(pool: Pool, currency: string): Promise<SystemAccounts> {
  let rows = await selectSystemAccounts(pool, currency);
  if (rows.length < SYSTEM_ACCOUNT_KINDS.length) {
    await insertSystemAccounts(pool, {
      currency,
      scale: currencyScale(currency),
      kinds: SYSTEM_ACCOUNT_KINDS,
    });
    rows = await selectSystemAccounts(pool, currency);
  }
  // Another version of us may have opened them since we started.
  const [conflict] = findScaleConflicts(rows.map(({ scale }) => ({ currency, scale })));
  if (conflict !== undefined) throw new Error(conflict);
  const idOf = (kind: string): bigint => {
    const row = rows.find((candidate) => candidate.kind === kind);
    if (!row) throw new Error(`the ${kind} account in ${currency} could not be opened`);
    return row.id;
  };
  return { gateway: idOf('gateway'), fee: idOf('fee'), equity: idOf('equity'), suspense: idOf('suspense') };
}
