import type { AccountRow, EntryRow, Violation, World } from '../world/world.ts';

/** I2. An account's stored balance is the sum of its entries; a system account's, of those below its watermark. */
export function checkBalancesEqualEntries({ accounts, entries }: World): Violation[] {
  const entriesOf = Map.groupBy(entries, ({ accountId }) => accountId);
  return accounts.flatMap((account): Violation[] => {
    const counted = (entriesOf.get(account.id) ?? []).filter((entry) => isCounted(account, entry));
    const postedMinor = sumOf(counted, 'posted');
    const pendingOutMinor = -sumOf(counted, 'pending');
    if (account.postedMinor === postedMinor && account.pendingOutMinor === pendingOutMinor) return [];
    return [
      {
        invariant: 'I2',
        paymentId: null,
        detail: `${account.kind} account ${account.id} stores ${account.postedMinor} posted and ${account.pendingOutMinor} pending out, and its entries say ${postedMinor} and ${pendingOutMinor}`,
      },
    ];
  });
}

function isCounted({ userId, foldedBelow }: AccountRow, { writtenByXid }: EntryRow): boolean {
  return userId !== null || writtenByXid < foldedBelow;
}

function sumOf(entries: readonly EntryRow[], layer: EntryRow['layer']): bigint {
  return entries.reduce((sum, entry) => (entry.layer === layer ? sum + entry.amountMinor : sum), 0n);
}
