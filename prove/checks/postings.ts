import type { World } from '../world/world.ts';

/** What each step of a reference moved: one list for each step, with the accounts in order, so that two can be compared as text. */
export function readPostings({ steps, entries }: Pick<World, 'steps' | 'entries'>) {
  const entriesOf = Map.groupBy(entries, ({ transactionId }) => transactionId);
  const stepsOf = Map.groupBy(steps, ({ reference }) => reference);
  return {
    references: [...stepsOf.keys()],
    of: (reference: string): string[] =>
      (stepsOf.get(reference) ?? []).map(({ id, step }) => sayPosting(step, entriesOf.get(id) ?? [])),
  };
}

/** `post: 1 -500, 2 500`; legs of nothing are left out. */
export function sayPosting(
  step: string,
  legs: readonly { readonly accountId: bigint | undefined; readonly amountMinor: bigint }[],
): string {
  const said = legs
    .filter(({ amountMinor }) => amountMinor !== 0n)
    .map(({ accountId, amountMinor }) => `${accountId} ${amountMinor}`);
  return `${step}: ${said.sort().join(', ')}`;
}

/** The references of a kind whose ids are none of these. */
export function findStrangers(
  references: readonly string[],
  { kind, ids }: { readonly kind: string; readonly ids: readonly bigint[] },
): string[] {
  const known = new Set(ids.map((id) => `${kind}:${id}`));
  return references.filter((reference) => reference.startsWith(`${kind}:`) && !known.has(reference));
}
