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

export function walletPath(walletId: bigint | string): string {
  return `/api/v1/wallets/${walletId}`;
}

const PATH_OF: Readonly<Record<KeyedResource['kind'], (id: bigint) => string>> = {
  payment: paymentPath,
  user: userPath,
  bulk_redrive: bulkRedrivePath,
  wallet: walletPath,
};

/** Where the thing is found that a request with a key made. */
export function resourcePath({ kind, id }: KeyedResource): string {
  return PATH_OF[kind](id);
}
