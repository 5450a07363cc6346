import { savePosition } from '../checkpoint.sql.ts';
import { NOTHING_TO_DO, type Step, type StepResult } from '../step.ts';
import {
  clearTouched,
  selectReadFrom,
  selectSystemAccountIds,
  selectTouchedWallets,
  selectWallets,
} from './account-proofs.sql.ts';
import { checkAccounts, isTooFarBehind } from './check-accounts.ts';

/** I2 and I3 of the wallets that got entries since they were last compared. */
export async function checkTouchedWallets({
  transaction,
  checkpoint: { checkedBelow },
  rowLimit,
}: Step): Promise<StepResult> {
  const accountIds = await selectTouchedWallets(transaction, rowLimit);
  if (accountIds.length === 0 || (await isTooFarBehind(transaction, checkedBelow))) return NOTHING_TO_DO;
  const violations = await checkAccounts(transaction, { accountIds, checkedBelow, readFrom: checkedBelow });
  await clearTouched(transaction, accountIds);
  return { rowCount: accountIds.length, isDone: accountIds.length < rowLimit, violations };
}

/** I2 of the system accounts, which the fold adds up. There are a few for each currency. */
export async function checkSystemAccounts({
  transaction,
  checkpoint: { checkedBelow },
}: Step): Promise<StepResult> {
  const accountIds = await selectSystemAccountIds(transaction);
  const readFrom = await selectReadFrom(transaction, { accountIds, checkedBelow });
  if (accountIds.length === 0 || (await isTooFarBehind(transaction, readFrom))) return NOTHING_TO_DO;
  const violations = await checkAccounts(transaction, { accountIds, checkedBelow, readFrom });
  await clearTouched(transaction, accountIds);
  return { rowCount: accountIds.length, isDone: true, violations };
}

/** The rolling review of all wallets: a balance that was changed without an entry leaves no trace, so all must be checked. */
export async function reviewWallets({
  transaction,
  checkpoint: { checkedBelow, positions },
  rowLimit,
}: Step): Promise<StepResult> {
  if (await isTooFarBehind(transaction, checkedBelow)) return NOTHING_TO_DO;
  const afterId = BigInt(positions.accounts?.afterId ?? 0);
  const accountIds = await selectWallets(transaction, { afterId, limit: rowLimit });
  const violations = await checkAccounts(transaction, { accountIds, checkedBelow, readFrom: checkedBelow });
  const isDone = accountIds.length < rowLimit;
  await savePosition(transaction, 'accounts', {
    afterId: String(isDone ? 0 : accountIds.at(-1)),
    passedAt: isDone ? new Date().toISOString() : (positions.accounts?.passedAt ?? null),
  });
  return { rowCount: accountIds.length, isDone, violations };
}
