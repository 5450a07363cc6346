import type { KeyedResource } from '../../idempotency/used-key.ts';

// Where each thing is found. An answer that makes one says it in `Location`.

export function paymentPath(paymentId: bigint): string {
  return `/api/v1/payments/${paymentId}`;
}

/** Where refunds of a deposit are asked for. */
export function refundsPath(depositId: bigint | string): string {
  return `/api/v1/payments/${depositId}/refunds`;
}

export function bulkRedrivePath(id: bigint): string {
  return `/api/v1/bulk-redrives/${id}`;
}

export function userPath(userId: bigint): string {
  return `/api/v1/users/${userId}`;
}

const PATH_OF: Readonly<Record<KeyedResource['kind'], (id: bigint) => string>> = {
  payment: paymentPath,
  user: userPath,
  bulk_redrive: bulkRedrivePath,
};

/** Where the thing is found that a request with a key made. */
export function resourcePath({ kind, id }: KeyedResource): string {
  return PATH_OF[kind](id);
}
