import type { Hold } from '../holds/hold.ts';
import type { Money } from '../money/money.ts';

/** What ended a hold: its last capture, a release, or its time. */
export const ORDER_HOLD_ENDINGS = ['captured', 'released', 'expired'] as const;
export type OrderHoldEnding = (typeof ORDER_HOLD_ENDINGS)[number];

/** How a client names a hold: by its order, which is held once for a user. */
export interface OrderName {
  readonly userId: bigint;
  readonly orderId: string;
}

/** Money that is held for a client's order, or was: `amountMinor` is what was held in the beginning. */
export interface OrderHold extends OrderName, Money {
  readonly holdId: bigint;
  readonly walletId: bigint;
  readonly capturedMinor: bigint;
  readonly releasedMinor: bigint;
  readonly captureCount: number;
  readonly status: 'open' | OrderHoldEnding;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly resolvedAt: Date | null;
}

/** What is still held: nothing once the hold has ended. */
export function remainingMinor({ amountMinor, capturedMinor, releasedMinor }: OrderHold): bigint {
  return amountMinor - capturedMinor - releasedMinor;
}

/** What keeps what is left of it reserved. */
export function reservationOf(hold: OrderHold): Hold {
  const { userId, holdId, walletId, currency, expiresAt } = hold;
  return {
    userId,
    purpose: 'order',
    subjectId: holdId,
    accountId: walletId,
    amountMinor: remainingMinor(hold),
    currency,
    expiresAt,
  };
}
