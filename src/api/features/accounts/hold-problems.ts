import type { OrderName } from '../../../order-holds/order-hold.ts';
import { Problem } from '../../problems/problem.ts';

/** @param field the one that names the user. */
export function userNotFound(userId: bigint, field: 'user_id' | 'to_user_id'): Problem {
  return new Problem('user-not-found', {
    detail: `There is no user ${userId}. Nothing was done.`,
    errors: [{ field, message: 'is not a user' }],
  });
}

/** @param field the one that led to a wallet that is not there. */
export function walletNotFound(
  { userId, currency }: { readonly userId: bigint; readonly currency: string },
  field: 'currency' | 'to_user_id',
): Problem {
  const message =
    field === 'currency'
      ? `is ${currency}, in which user ${userId} has no wallet`
      : `names a user who has no wallet in ${currency}`;
  return new Problem('wallet-not-found', {
    detail: `User ${userId} has no wallet in ${currency}. Nothing was done.`,
    errors: [{ field, message }],
  });
}

/** A wallet of somebody else is answered as one that does not exist. */
export function foreignWallet({
  userId,
  walletId,
  currency,
}: {
  readonly userId: bigint;
  readonly walletId: bigint;
  /** If that was named, too. */
  readonly currency?: string | undefined;
}): Problem {
  const inCurrency = currency === undefined ? '' : ` in ${currency}`;
  return new Problem('wallet-not-found', {
    detail: `User ${userId} has no wallet ${walletId}${inCurrency}. Nothing was done.`,
    errors: [{ field: 'wallet_id', message: `is no wallet of user ${userId}${inCurrency}` }],
  });
}

export function holdNotFound({ userId, orderId }: OrderName): Problem {
  return new Problem('hold-not-found', {
    detail: `Nothing was held for order ${orderId} of user ${userId}.`,
    errors: [{ field: 'order_id', message: 'names an order that nothing was held for' }],
  });
}
