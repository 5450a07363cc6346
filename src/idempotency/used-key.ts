/** A client's key, and the SHA-256 over what it was sent with. */
export interface IdempotencyClaim {
  readonly key: string;
  readonly fingerprint: Buffer;
}

/** A claim, with whose key it is: the user that it belongs to. */
export interface ScopedClaim extends IdempotencyClaim {
  readonly scope: bigint;
}

/** Whose keys they are where no user owns them; no user id can be one of these. */
export const KEY_SCOPES = {
  /** Of requests that belong to no user yet. */
  newUsers: 0n,
  /** Of operators' orders to redrive many letters. */
  bulkRedrives: -1n,
} as const;

/** An HTTP answer as it is kept with its key and given again byte for byte. */
export interface StoredResponse {
  readonly status: number;
  readonly body: string;
}

/** What a request with a key made, or was about. */
export interface KeyedResource {
  readonly kind: 'payment' | 'user' | 'bulk_redrive' | 'wallet';
  readonly id: bigint;
}

/** A key that was used before. */
export interface UsedKey {
  readonly fingerprint: Buffer;
  readonly resource: KeyedResource;
  /** null when the stored response has expired. */
  readonly response: StoredResponse | null;
}

/** Another process used one of a batch's keys first. Everything is rolled back and decided again. */
export class KeyRace extends Error {
  override readonly name = 'KeyRace';
}

/** A key is held by a transaction that does not end. Everything is rolled back. */
export class KeyInUse extends Error {
  override readonly name = 'KeyInUse';
}
