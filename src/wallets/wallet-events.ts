import { type NewEvent, newEvent } from '../events/new-event.ts';

/** A wallet was opened; `name` is empty for the wallet without a name. */
export function eventOfOpened({
  walletId,
  userId,
  currency,
  name,
  traceparent,
}: {
  readonly walletId: bigint;
  readonly userId: bigint;
  readonly currency: string;
  readonly name: string;
  readonly traceparent?: string | undefined;
}): NewEvent {
  return newEvent(
    'tollgate.wallet.created.v1',
    { id: walletId, traceparent },
    {
      wallet_id: Number(walletId),
      user_id: Number(userId),
      currency,
      name: name === '' ? null : name,
      state: 'open',
    },
  );
}
