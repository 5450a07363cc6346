import type { Transaction } from '../shared/database.ts';
import { readAccountFacts, rebuildProof } from './account-proofs.sql.ts';
import { decideAccount } from './decide-account.ts';
import { countEntries } from './entry-range.sql.ts';
import type { Violation } from './violation.ts';

/** An account with more entries than this is not summed again for a doubt; the rolling review gets to it. */
const REBUILD_LIMIT = 500_000;
/** Entries above the watermark that one comparison reads at the most. */
export const MAX_LATER_ENTRIES = 500_000;
const MAX_VIOLATIONS = 100;
const HIGHEST = 2n ** 63n - 1n;

export interface AccountsToCheck {
  readonly accountIds: readonly bigint[];
  readonly checkedBelow: bigint;
  readonly readFrom: bigint;
}

/** Whether so much lies above the watermark (a transaction that stays open holds it back) that comparing would take too long. */
export async function isTooFarBehind(transaction: Transaction, readFrom: bigint): Promise<boolean> {
  const count = await countEntries(transaction, { from: readFrom, below: HIGHEST }, MAX_LATER_ENTRIES + 1);
  return count > MAX_LATER_ENTRIES;
}

/**
 * I2 and I3: compares stored balances with proofs and later entries. An account that differs is summed again from all its
 * entries before it is called a violation: a row that was put back by hand is older than the watermark, and no proof has it.
 */
export async function checkAccounts(
  transaction: Transaction,
  accounts: AccountsToCheck,
): Promise<Violation[]> {
  const doubted = await findDoubted(transaction, accounts);
  const { checkedBelow } = accounts;
  for (const accountId of doubted) {
    await rebuildProof(transaction, { accountId, checkedBelow, limit: REBUILD_LIMIT });
  }
  if (doubted.length === 0) return [];
  const facts = await readAccountFacts(transaction, { ...accounts, accountIds: doubted });
  return facts.flatMap(decideAccount);
}

async function findDoubted(transaction: Transaction, accounts: AccountsToCheck): Promise<bigint[]> {
  const facts = await readAccountFacts(transaction, accounts);
  return facts
    .filter((account) => decideAccount(account).length > 0)
    .slice(0, MAX_VIOLATIONS)
    .map(({ accountId }) => accountId);
}
