import type { AccountRow, EntryRow, HoldRow, OrderHoldRow, Violation, World } from '../world/world.ts';

/**
 * I10 for holds for orders: once a hold has ended, what was captured and released is what was held, and nothing is reserved any more;
 * until then what is reserved is what is left. It is held of a wallet of its user in its currency. What was captured is what its steps in the ledger took from its wallet, all of which
 * somebody else got.
 */
export function checkOrderHoldsAddUp(world: World): Violation[] {
  const reservedOf = Map.groupBy(
    world.holds.filter(({ purpose }) => purpose === 'order'),
    ({ subjectId }) => subjectId,
  );
  const entriesOf = readCaptures(world);
  const accounts = new Map(world.accounts.map((account) => [account.id, account]));
  const found = world.orderHolds.flatMap((hold) => {
    const reserved = reservedOf.get(hold.id) ?? [];
    const entries = entriesOf.get(hold.id) ?? [];
    reservedOf.delete(hold.id);
    entriesOf.delete(hold.id);
    return [
      ...compareWallet(hold, accounts.get(hold.walletId)),
      ...compareAmounts(hold),
      ...compareReserved(hold, reserved),
      ...compareCaptured(hold, entries),
    ].map((problem) => violation(`hold ${hold.id} of user ${hold.userId} (${hold.status}) ${problem}`));
  });
  return [
    ...found,
    ...[...reservedOf.keys()].map((id) =>
      violation(`something is reserved for hold ${id}, which is not there`),
    ),
    ...[...entriesOf.keys()].map((id) =>
      violation(`something was captured of hold ${id}, which is not there`),
    ),
  ];
}

function compareWallet(
  { walletId, userId, currency }: OrderHoldRow,
  wallet: AccountRow | undefined,
): string[] {
  if (wallet?.userId === userId && wallet.currency === currency) return [];
  return [`is of account ${walletId}, which is no wallet of theirs in ${currency}`];
}

function compareAmounts({ status, amountMinor, capturedMinor, releasedMinor }: OrderHoldRow): string[] {
  const goneMinor = capturedMinor + releasedMinor;
  const what = `has ${capturedMinor} captured and ${releasedMinor} released of ${amountMinor}`;
  if (capturedMinor < 0n || releasedMinor < 0n) return [what];
  if (status === 'open') return releasedMinor === 0n && goneMinor < amountMinor ? [] : [what];
  return goneMinor === amountMinor ? [] : [what];
}

function compareReserved(hold: OrderHoldRow, reserved: readonly HoldRow[]): string[] {
  const expectedMinor =
    hold.status === 'open' ? hold.amountMinor - hold.capturedMinor - hold.releasedMinor : 0n;
  const [row] = reserved;
  if (expectedMinor === 0n && !row) return [];
  const isRight =
    reserved.length === 1 &&
    row?.userId === hold.userId &&
    row.accountId === hold.walletId &&
    row.currency === hold.currency &&
    row.amountMinor === expectedMinor;
  if (isRight) return [];
  const said = reserved.map(
    ({ amountMinor, currency, accountId }) => `${amountMinor} ${currency} of account ${accountId}`,
  );
  return [
    `has ${said.join(' and ') || 'nothing'} reserved, and not ${expectedMinor} ${hold.currency} of account ${hold.walletId}`,
  ];
}

function compareCaptured({ walletId, capturedMinor }: OrderHoldRow, entries: readonly EntryRow[]): string[] {
  const takenMinor = entries
    .filter(({ accountId }) => accountId === walletId)
    .reduce((sum, { amountMinor }) => sum - amountMinor, 0n);
  return takenMinor === capturedMinor ? [] : [`has ${capturedMinor} captured, and ${takenMinor} were posted`];
}

/** The entries of all steps of each hold. */
function readCaptures({ steps, entries }: World): Map<bigint, EntryRow[]> {
  const holdOf = new Map(
    steps.flatMap(({ id, reference }) => {
      const [, holdId] = /^hold:(\d+)$/.exec(reference) ?? [];
      return holdId === undefined ? [] : [[id, BigInt(holdId)] as const];
    }),
  );
  const captures = Map.groupBy(
    entries.filter(({ transactionId }) => holdOf.has(transactionId)),
    ({ transactionId }) => holdOf.get(transactionId) as bigint,
  );
  return captures;
}

function violation(detail: string): Violation {
  return { invariant: 'I10', paymentId: null, detail };
}
