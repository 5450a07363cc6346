import type { Hold } from '../holds/hold.ts';
import type { Money } from '../money/money.ts';

/** What ended a hold: its last capture, a release, or its expiry. */
export const ORDER_HOLD_ENDINGS = ['captured', 'released', 'expired'] as const;
export type OrderHoldEnding = (typeof ORDER_HOLD_ENDINGS)[number];

/** How a client names a hold: by its order, which a user can hold only once. */
export interface OrderName {
  readonly userId: bigint;
  readonly orderId: string;
}

/** Money that is or was held for a client's order; `amountMinor` is the amount that was held at first. */
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

/**
 * How a hold is shown. `expiring`: its time is over, so that nothing of it can be captured or released any more, and what is left of it is
 * still held, until the sweep lets it go a moment later.
 */
export const SHOWN_STATUSES = ['open', 'expiring', ...ORDER_HOLD_ENDINGS] as const;
export type ShownStatus = (typeof SHOWN_STATUSES)[number];

/** @param at a time of the database's clock. */
export function statusAt({ status, expiresAt }: OrderHold, at: Date): ShownStatus {
  return status === 'open' && expiresAt <= at ? 'expiring' : status;
}

/** What is still held, in minor units: 0 once the hold has ended. */
export function remainingMinor({ amountMinor, capturedMinor, releasedMinor }: OrderHold): bigint {
  return amountMinor - capturedMinor - releasedMinor;
}

/** The reservation of what is left of a hold. */
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
