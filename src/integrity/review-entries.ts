import { savePosition } from './checkpoint.sql.ts';
import type { CarriedAccount, EntriesPosition } from './checkpoint.ts';
import { adjustProofs, rebuildProof, selectReadFrom } from './checks/account-proofs.sql.ts';
import { checkAccounts } from './checks/check-accounts.ts';
import { type AccountPage, selectEmptied, sumEntryPage } from './history.sql.ts';
import type { Step, StepResult } from './step.ts';
import type { Violation } from './violation.ts';

const START: EntriesPosition = { accountId: '0', transactionId: '0', carried: null };
/** The most accounts without entries that one step checks. */
const MAX_EMPTIED = 100;

/**
 * The rolling review of all entries, in the order of accounts: sums each account's entries again and compares them with its proof, so that
 * a changed or removed old entry is found even if nothing touches its account any more. An account with more entries than a step reads is
 * carried from step to step.
 */
export async function reviewEntries({
  transaction,
  checkpoint: { checkedBelow, positions },
  rowLimit,
}: Step): Promise<StepResult> {
  const after = positions.entries ?? { ...START, passedAt: null };
  const pages = await sumEntryPage(transaction, { after, checkedBelow, limit: rowLimit });
  const rowCount = pages.reduce((sum, page) => sum + page.entryCount, 0);
  const isDone = rowCount < rowLimit;

  const summed = pages.map((page) => addCarried(page, { carried: after.carried, checkedBelow }));
  // The last account of a full page may continue on the next one.
  const unfinished = isDone ? undefined : summed.at(-1);
  const finished = unfinished ? summed.slice(0, -1) : summed;
  const lost = carriedWithoutRest(after.carried, pages);
  const differing = [...lost, ...finished].filter((account) => !isAsExpected(account));
  const emptiedIds = await selectEmptied(transaction, {
    afterId: BigInt(after.accountId),
    throughId: unfinished ? BigInt(unfinished.accountId) - 1n : null,
    limit: MAX_EMPTIED,
  });
  const violations = await confirm(transaction, { differing, emptiedIds, checkedBelow });

  const lastPage = pages.at(-1);
  const next: EntriesPosition =
    unfinished && lastPage
      ? {
          accountId: unfinished.accountId,
          transactionId: lastPage.lastTransactionId.toString(),
          carried: unfinished,
        }
      : START;
  const passedAt = isDone ? new Date().toISOString() : after.passedAt;
  await savePosition(transaction, 'entries', { ...next, passedAt });
  return { rowCount, isDone, violations };
}

function addCarried(
  page: AccountPage,
  { carried, checkedBelow }: { readonly carried: CarriedAccount | null; readonly checkedBelow: bigint },
): CarriedAccount {
  const accountId = page.accountId.toString();
  const { posted } = page;
  if (carried?.accountId !== accountId) {
    return { accountId, below: checkedBelow.toString(), posted, expectedPosted: page.provenPosted };
  }
  return { ...carried, posted: String(BigInt(carried.posted) + BigInt(posted)) };
}

/** The carried account, if its last entry was also the last of a full page. */
function carriedWithoutRest(carried: CarriedAccount | null, pages: readonly AccountPage[]): CarriedAccount[] {
  const goesOn = pages.some((page) => page.accountId.toString() === carried?.accountId);
  return carried && !goesOn ? [carried] : [];
}

function isAsExpected(account: CarriedAccount): boolean {
  return account.posted === account.expectedPosted;
}

/**
 * Corrects the proofs and compares them with the stored balances: any difference that remains is a violation. The sum was exact up to its
 * transaction, so the proof is still off by the same amount now.
 */
async function confirm(
  transaction: Step['transaction'],
  {
    differing,
    emptiedIds,
    checkedBelow,
  }: {
    readonly differing: readonly CarriedAccount[];
    readonly emptiedIds: readonly bigint[];
    readonly checkedBelow: bigint;
  },
): Promise<Violation[]> {
  if (differing.length + emptiedIds.length === 0) return [];
  await adjustProofs(
    transaction,
    differing.map((account) => ({
      accountId: BigInt(account.accountId),
      postedMinor: BigInt(account.posted) - BigInt(account.expectedPosted),
    })),
  );
  for (const accountId of emptiedIds) await rebuildProof(transaction, { accountId, checkedBelow, limit: 0 });
  const accountIds = [...differing.map((account) => BigInt(account.accountId)), ...emptiedIds];
  const readFrom = await selectReadFrom(transaction, { accountIds, checkedBelow });
  return await checkAccounts(transaction, { accountIds, checkedBelow, readFrom });
}
