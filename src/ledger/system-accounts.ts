import { strict as assert } from 'node:assert';
import type { Pool, Queryable, Transaction } from '../database/database.ts';
import { currencyScale } from '../money/currency.ts';
import { findScaleConflicts } from './frozen-scales.ts';
import { insertSystemAccounts, selectSystemAccounts } from './system-accounts.sql.ts';

const SYSTEM_ACCOUNT_KINDS = ['gateway', 'fee', 'equity', 'suspense', 'sales'] as const;
/** Every account is the wallet of a user or one of ours. */
export const ACCOUNT_KINDS = ['wallet', ...SYSTEM_ACCOUNT_KINDS] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** The accounts that stand opposite to the wallets of one currency. */
export type SystemAccounts = Readonly<Record<(typeof SYSTEM_ACCOUNT_KINDS)[number], bigint>>;

// A connection talks to one database for as long as it lives, and a pool until it opens another connection; system accounts never
// change once they are open.
let remembered = new WeakMap<Queryable, Map<string, SystemAccounts>>();
/** Lets the accounts be read anew: behind a new session may be an earlier state of the database, in which others have their ids. */
export function forgetSystemAccounts(): void {
  remembered = new WeakMap();
}

/** Connections whose transactions have opened accounts, which are gone again if that transaction was rolled back. */
const hasOpened = new WeakSet<Transaction>();

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

/**
 * Gives the system accounts of currencies inside a transaction, each asked for once on a connection. Where nobody has opened
 * them, this transaction does.
 * @throws as findSystemAccounts does.
 */
export async function accountsByCurrency(
  transaction: Transaction,
  currencies: readonly string[],
): Promise<(currency: string) => SystemAccounts> {
  const known = remembered.get(transaction) ?? new Map<string, SystemAccounts>();
  remembered.set(transaction, known);
  const found = new Map<string, SystemAccounts>();
  for (const currency of new Set(currencies)) {
    const accounts =
      known.get(currency) ?? (await readOrOpen(transaction, currency, () => hasOpened.add(transaction)));
    if (!hasOpened.has(transaction)) known.set(currency, accounts);
    found.set(currency, accounts);
  }
  return (currency) => {
    const accounts = found.get(currency);
    assert(accounts, `the system accounts in ${currency} were not asked for`);
    return accounts;
  };
}

async function readOrOpen(
  queryable: Queryable,
  currency: string,
  onOpening: () => void = () => {},
): Promise<SystemAccounts> {
  let rows = await selectSystemAccounts(queryable, currency);
  if (rows.length < SYSTEM_ACCOUNT_KINDS.length) {
    onOpening();
    await insertSystemAccounts(queryable, {
      currency,
      scale: currencyScale(currency),
      kinds: SYSTEM_ACCOUNT_KINDS,
    });
    rows = await selectSystemAccounts(queryable, currency);
  }
  // Another version of us may have opened them since we started.
  const [conflict] = findScaleConflicts(rows.map(({ scale }) => ({ currency, scale })));
  if (conflict !== undefined) throw new Error(conflict);
  const idOf = (kind: string): bigint => {
    const row = rows.find((candidate) => candidate.kind === kind);
    if (!row) throw new Error(`the ${kind} account in ${currency} could not be opened`);
    return row.id;
  };
  return {
    gateway: idOf('gateway'),
    fee: idOf('fee'),
    equity: idOf('equity'),
    suspense: idOf('suspense'),
    sales: idOf('sales'),
  };
}
