import { strict as assert } from 'node:assert';
import type { Pool, Queryable, Transaction } from '../database/database.ts';
import { currencyScale } from '../money/currency.ts';
import { findScaleConflicts } from './scales/frozen-scales.ts';
import { insertSystemAccounts, selectSystemAccounts } from './system-accounts.sql.ts';

const SYSTEM_ACCOUNT_KINDS = ['gateway', 'fee', 'equity', 'suspense', 'sales', 'fx'] as const;
/** Every account is the wallet of a user or one of ours. */
export const ACCOUNT_KINDS = ['wallet', ...SYSTEM_ACCOUNT_KINDS] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** The system accounts of one currency, the counterparts of its wallets. */
export type SystemAccounts = Readonly<Record<(typeof SYSTEM_ACCOUNT_KINDS)[number], bigint>>;

// A connection uses the same database for as long as it lives, a pool until it opens another connection, and system accounts never change
// once they are open. So they can be cached.
let remembered = new WeakMap<Queryable, Map<string, SystemAccounts>>();
/** Clears the cache: a new session may see an earlier state of the database, in which other accounts have these ids. */
export function forgetSystemAccounts(): void {
  remembered = new WeakMap();
}

/** Connections whose transaction has opened accounts, which disappear if it is rolled back. */
const hasOpened = new WeakSet<Transaction>();

/**
 * Returns the system accounts of a currency. Opens them at first use, in their own transaction, so that cached accounts are committed even
 * if the caller's transaction fails.
 * @throws an error if the currency is not known, or its stored scale differs from ours.
 */
export async function findSystemAccounts(pool: Pool, currency: string): Promise<SystemAccounts> {
  const known = remembered.get(pool) ?? new Map<string, SystemAccounts>();
  remembered.set(pool, known);
  const accounts = known.get(currency) ?? (await readOrOpen(pool, currency));
  known.set(currency, accounts);
  return accounts;
}

/** The same for several currencies at once, by currency; each is read once per pool. */
export async function findSystemAccountsOf(
  pool: Pool,
  currencies: Iterable<string>,
): Promise<Map<string, SystemAccounts>> {
  const found = new Map<string, SystemAccounts>();
  for (const currency of new Set(currencies)) found.set(currency, await findSystemAccounts(pool, currency));
  return found;
}

/**
 * Returns the system accounts of currencies inside a transaction, reading each once per connection. If they do not exist, this transaction
 * opens them.
 * @throws the errors of findSystemAccounts.
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
  assertSameScale(rows, currency);
  if (rows.length < SYSTEM_ACCOUNT_KINDS.length) {
    onOpening();
    await insertSystemAccounts(queryable, {
      currency,
      scale: currencyScale(currency),
      kinds: SYSTEM_ACCOUNT_KINDS,
    });
    rows = await selectSystemAccounts(queryable, currency);
  }
  assertSameScale(rows, currency);
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
    fx: idOf('fx'),
    sales: idOf('sales'),
  };
}

/** Another version of Tollgate may have opened them since we started. */
function assertSameScale(rows: readonly { readonly scale: number }[], currency: string): void {
  const [conflict] = findScaleConflicts(rows.map(({ scale }) => ({ currency, scale })));
  if (conflict !== undefined) throw new Error(conflict);
}
