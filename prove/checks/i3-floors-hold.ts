import type { Violation, World } from '../world/world.ts';

/** I3. No account with a floor is below it, and none was whenever the prover looked. */
export function checkFloorsHold({ accounts, seenOverdrafts }: World): Violation[] {
  const now = accounts.flatMap(({ id, kind, postedMinor, heldMinor, floorMinor }) => {
    if (floorMinor === null) return [];
    if (heldMinor >= 0n && postedMinor - heldMinor >= floorMinor) return [];
    return [`${kind} account ${id}: posted ${postedMinor}, held ${heldMinor}, floor ${floorMinor}`];
  });
  return [...now, ...seenOverdrafts.map((sentence) => `seen during the run: ${sentence}`)].map((detail) => ({
    invariant: 'I3',
    paymentId: null,
    detail,
  }));
}
