import type { EntryRow, World } from '../world/world.ts';

/** One capture of a hold, as it was posted. */
export interface CaptureRow {
  readonly amountMinor: bigint;
  /** What had been captured of the hold after it, in minor units. */
  readonly upToMinor: bigint;
  /** The account that got it. */
  readonly toAccountId: bigint | undefined;
  readonly postedAt: Date;
}

/** What was captured of each hold, in order, by what was posted. */
export function readCaptures({
  orderHolds,
  steps,
  entries,
}: Pick<World, 'orderHolds' | 'steps' | 'entries'>): Map<bigint, CaptureRow[]> {
  const entriesOf = Map.groupBy(entries, ({ transactionId }) => transactionId);
  const stepsOf = Map.groupBy(steps, ({ reference }) => reference);
  return new Map(
    orderHolds.map(({ id, walletId }) => {
      let upToMinor = 0n;
      const captures = (stepsOf.get(`hold:${id}`) ?? [])
        .toSorted((a, b) => numberOf(a.step) - numberOf(b.step))
        .map((step): CaptureRow => {
          const legs = entriesOf.get(step.id) ?? [];
          const amountMinor = takenOf(walletId, legs);
          upToMinor += amountMinor;
          const toAccountId = legs.find(({ accountId }) => accountId !== walletId)?.accountId;
          return { amountMinor, upToMinor, toAccountId, postedAt: step.createdAt };
        });
      return [id, captures];
    }),
  );
}

function takenOf(walletId: bigint, legs: readonly EntryRow[]): bigint {
  return legs
    .filter(({ accountId }) => accountId === walletId)
    .reduce((sum, { amountMinor }) => sum - amountMinor, 0n);
}

/** `capture:2` is the second one. */
function numberOf(step: string): number {
  return Number(step.split(':')[1]);
}
