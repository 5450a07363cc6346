import type { OrderHoldRow, Violation, World } from '../world/world.ts';
import { readCaptures } from './captures.ts';

/**
 * I10 for the time of holds for orders: one that expired did so when its time was over, and before that it was captured or released. All of
 * these times are the database's.
 */
export function checkHoldsKeepTheirTime(world: World): Violation[] {
  const capturesOf = readCaptures(world);
  return world.orderHolds.flatMap((hold) => {
    const late = (capturesOf.get(hold.id) ?? []).filter(({ postedAt }) => postedAt >= hold.expiresAt);
    return [
      ...describeEnding(hold),
      ...late.map(({ postedAt }) => `and something of it was captured at ${postedAt.toISOString()}`),
    ].map((problem) => ({
      ...{ invariant: 'I10' as const, paymentId: null },
      detail: `hold ${hold.id} of user ${hold.userId} had its time until ${hold.expiresAt.toISOString()}, ${problem}`,
    }));
  });
}

function describeEnding({ status, expiresAt, resolvedAt }: OrderHoldRow): string[] {
  if (resolvedAt === null) return [];
  const isInTime = status === 'expired' ? resolvedAt >= expiresAt : resolvedAt < expiresAt;
  return isInTime ? [] : [`and ${status} at ${resolvedAt.toISOString()}`];
}
