import type { Transaction } from '../../database/database.ts';
import { countEntries } from '../../ledger/count-entries.sql.ts';
import type { Violation } from '../violation.ts';
import { readAccountFacts, rebuildProof, rebuildShortProofs } from './account-proofs.sql.ts';
import { decideAccount } from './decide-account.ts';

/** An account with more entries than this is not summed again on suspicion; the rolling review covers it. */
const REBUILD_LIMIT = 500_000;
/** The most entries above the watermark that one comparison reads. */
export const MAX_LATER_ENTRIES = 500_000;
/** Accounts with at most this many entries are summed together, this many accounts at once. */
const SHORT_ENTRIES = 500;
const SHORT_AT_ONCE = 500;
/** How long to sum larger accounts in one step; the remaining ones are reported as they appear. */
const REBUILD_MS = 5000;
const HIGHEST = 2n ** 63n - 1n;

export interface AccountsToCheck {
  readonly accountIds: readonly bigint[];
  readonly checkedBelow: bigint;
  readonly readFrom: bigint;
}

/** Whether so many entries are above the watermark (because a long-open transaction holds it back) that comparing would take too long. */
export async function isTooFarBehind(transaction: Transaction, readFrom: bigint): Promise<boolean> {
  const count = await countEntries(transaction, { from: readFrom, below: HIGHEST }, MAX_LATER_ENTRIES + 1);
  return count > MAX_LATER_ENTRIES;
}

/**
 * I2 and I3: compares stored balances with proofs and later entries. An account that differs is summed again from all its entries before it
 * is reported as a violation: a row that was restored by hand is older than the watermark, so no proof includes it.
 */
export async function checkAccounts(
  transaction: Transaction,
  accounts: AccountsToCheck,
): Promise<Violation[]> {
  const doubted = await findDoubted(transaction, accounts);
  if (doubted.length === 0) return [];
  await rebuildProofs(transaction, { accountIds: doubted, checkedBelow: accounts.checkedBelow });
  const facts = await readAccountFacts(transaction, { ...accounts, accountIds: doubted });
  return facts.flatMap(decideAccount);
}

async function rebuildProofs(
  transaction: Transaction,
  { accountIds, checkedBelow }: { readonly accountIds: readonly bigint[]; readonly checkedBelow: bigint },
): Promise<void> {
  const long: bigint[] = [];
  for (let start = 0; start < accountIds.length; start += SHORT_AT_ONCE) {
    const some = accountIds.slice(start, start + SHORT_AT_ONCE);
    long.push(
      ...(await rebuildShortProofs(transaction, { accountIds: some, checkedBelow, limit: SHORT_ENTRIES })),
    );
  }
  const deadline = performance.now() + REBUILD_MS;
  for (const accountId of long) {
    if (performance.now() > deadline) return;
    await rebuildProof(transaction, { accountId, checkedBelow, limit: REBUILD_LIMIT });
  }
}

async function findDoubted(transaction: Transaction, accounts: AccountsToCheck): Promise<bigint[]> {
  const facts = await readAccountFacts(transaction, accounts);
  return facts.filter((account) => decideAccount(account).length > 0).map(({ accountId }) => accountId);
}
