import type { AccountRow, EntryRow, Violation, World } from '../world/world.ts';

/**
 * I2. An account's stored balance is the sum of its entries; a system account's, of those below its watermark. What is held of it
 * is the sum of the holds on it.
 */
export function checkBalancesEqualEntries({ accounts, entries, holds }: World): Violation[] {
  const entriesOf = Map.groupBy(entries, ({ accountId }) => accountId);
  const holdsOf = Map.groupBy(holds, ({ accountId }) => accountId);
  return accounts.flatMap((account): Violation[] => {
    const postedMinor = sum((entriesOf.get(account.id) ?? []).filter((entry) => isCounted(account, entry)));
    const heldMinor = sum(holdsOf.get(account.id) ?? []);
    if (account.postedMinor === postedMinor && account.heldMinor === heldMinor) return [];
    return [
      {
        invariant: 'I2',
        paymentId: null,
        detail: `${account.kind} account ${account.id} stores ${account.postedMinor} posted and ${account.heldMinor} held, and its entries and holds say ${postedMinor} and ${heldMinor}`,
      },
    ];
  });
}

function isCounted({ userId, foldedBelow }: AccountRow, { writtenByXid }: EntryRow): boolean {
  return userId !== null || writtenByXid < foldedBelow;
}

function sum(amounts: readonly { readonly amountMinor: bigint }[]): bigint {
  return amounts.reduce((total, { amountMinor }) => total + amountMinor, 0n);
}
