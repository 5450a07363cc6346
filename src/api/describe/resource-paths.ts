import type { KeyedResource } from '../../idempotency/used-key.ts';

// Where each thing is found. An answer that makes one says it in `Location`.

export function paymentPath(paymentId: bigint): string {
  return `/api/v1/payments/${paymentId}`;
}

/** The path for refunds of a deposit. */
export function refundsPath(depositId: bigint | string): string {
  return `/api/v1/payments/${depositId}/refunds`;
}

export function bulkRedrivePath(id: bigint): string {
  return `/api/v1/bulk-redrives/${id}`;
}

export function conversionPath(id: bigint | string): string {
  return `/api/v1/currency/conversions/${id}`;
}

export function userPath(userId: bigint): string {
  return `/api/v1/users/${userId}`;
}

/** Where wallets of a user are listed and opened. */
export function userWalletsPath(userId: bigint | string): string {
  return `/api/v1/users/${userId}/wallets`;
}

export function userWalletPath(userId: bigint | string, currency: string): string {
  return `${userWalletsPath(userId)}/${currency}`;
}

/** Where wallets are listed and opened. */
export const WALLETS_PATH = '/api/v1/wallets';

export function walletPath(walletId: bigint | string): string {
  return `${WALLETS_PATH}/${walletId}`;
}

/** Where money is transferred out of a wallet. */
export function transferFromPath(walletId: bigint | string): string {
  return `${walletPath(walletId)}/transfer`;
}

export function transferPath(transferId: bigint | string): string {
  return `/api/v1/transfers/${transferId}`;
}

const PATH_OF: Readonly<Record<Exclude<KeyedResource['kind'], 'order_hold'>, (id: bigint) => string>> = {
  payment: paymentPath,
  user: userPath,
  bulk_redrive: bulkRedrivePath,
  conversion: conversionPath,
  wallet: walletPath,
  transfer: transferPath,
};

/**
 * Where the thing is found that a request with a key made.
 * @param orderHoldPath where that is for what was held for an order: its id alone does not say so.
 */
export function resourcePath({ kind, id }: KeyedResource, { orderHoldPath = '' } = {}): string {
  return kind === 'order_hold' ? orderHoldPath : PATH_OF[kind](id);
}

export function accountPath(userId: bigint | string): string {
  return `/api/v1/accounts/${userId}`;
}

/** Where what was held for an order is read; an order may be called by any text, so that it is no part of a path. */
export function orderHoldPath({
  userId,
  orderId,
}: {
  readonly userId: bigint;
  readonly orderId: string;
}): string {
  return `${accountPath(userId)}/hold?order_id=${encodeURIComponent(orderId)}`;
}
