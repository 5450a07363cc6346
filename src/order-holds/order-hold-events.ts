import { eventAmounts, type NewEvent, newEvent } from '../events/new-event.ts';
import type { Resolution } from './decide-resolution.ts';
import { type OrderHold, remainingMinor } from './order-hold.ts';

export function eventOfPlaced(hold: OrderHold, traceparent: string | undefined): NewEvent {
  return newEvent('tollgate.hold.placed.v1', { id: hold.holdId, traceparent }, tell(hold));
}

export function eventOfExpired(hold: OrderHold): NewEvent {
  return newEvent('tollgate.hold.expired.v1', { id: hold.holdId }, tell(hold));
}

/** A hold was captured, or released without a capture. */
export function eventOfResolution({ after, capturedMinor, target, traceparent }: Resolution): NewEvent {
  const about = { id: after.holdId, traceparent };
  if (capturedMinor === 0n) return newEvent('tollgate.hold.released.v1', about, tell(after));
  return newEvent('tollgate.hold.captured.v1', about, {
    ...tell(after),
    ...eventAmounts({ captured_now: capturedMinor }, after.currency),
    to_user_id: target === null ? null : Number(target.userId),
    to_wallet_id: target === null ? null : Number(target.walletId),
  });
}

function tell(hold: OrderHold) {
  return {
    hold_id: Number(hold.holdId),
    user_id: Number(hold.userId),
    wallet_id: Number(hold.walletId),
    order_id: hold.orderId,
    ...eventAmounts(
      {
        amount: hold.amountMinor,
        captured: hold.capturedMinor,
        released: hold.releasedMinor,
        remaining: remainingMinor(hold),
      },
      hold.currency,
    ),
    currency: hold.currency,
    status: hold.status,
    expires_at: hold.expiresAt.toISOString(),
  };
}
