/** A client's key, and the fingerprint of its request. */
export interface IdempotencyClaim {
  readonly key: string;
  readonly fingerprint: Buffer;
}

/** A claim, with the owner of the key: a user. */
export interface ScopedClaim extends IdempotencyClaim {
  readonly scope: bigint;
}

/** Owners of keys that belong to no user; no user id can equal one of these. */
export const KEY_SCOPES = {
  /** For requests that belong to no user yet. */
  newUsers: 0n,
  /** For operators' bulk redrives. */
  bulkRedrives: -1n,
} as const;

/** An HTTP answer as it is stored with its key and replayed byte for byte. */
export interface StoredResponse {
  readonly status: number;
  readonly body: string;
}

/** What a request with a key created, or was about. */
export interface KeyedResource {
  readonly kind: 'payment' | 'user' | 'bulk_redrive' | 'wallet' | 'transfer' | 'order_hold' | 'conversion';
  readonly id: bigint;
}

/** A key that was used before. */
export interface UsedKey {
  readonly fingerprint: Buffer;
  readonly resource: KeyedResource;
  /** The status of its response, also once that has expired. */
  readonly status: number;
  /** null if the stored response has expired. */
  readonly response: StoredResponse | null;
}

/** Another process used one of the batch's keys first. Everything is rolled back and decided again. */
export class KeyRace extends Error {
  override readonly name = 'KeyRace';
}

/** A transaction that does not end holds a key. Everything is rolled back. */
export class KeyInUse extends Error {
  override readonly name = 'KeyInUse';
}
