import type { KeyedResource, StoredResponse, UsedKey } from './used-key.ts';

/** The answer for a key that was used before. */
export type ReplayOutcome =
  | { readonly kind: 'replayed'; readonly response: StoredResponse; readonly resource: KeyedResource }
  | { readonly kind: 'key_reused'; readonly resource: KeyedResource }
  | {
      readonly kind: 'key_expired';
      readonly resource: KeyedResource;
      /** The request was refused: it did not make the resource, which may not even exist any more. */
      readonly wasRefused: boolean;
    };

/** Why a request with a key is not carried out now. */
export type UsedKeyOutcome =
  | ReplayOutcome
  /** Another request with this key has been in progress for too long. Nothing was written. */
  | { readonly kind: 'key_in_use' };

/** The same request gets the stored response, a different request is refused; neither is ever executed again. Pure. */
export function decideReplay(
  { fingerprint, resource, status, response }: UsedKey,
  claimed: Buffer,
): ReplayOutcome {
  if (!fingerprint.equals(claimed)) return { kind: 'key_reused', resource };
  if (!response) return { kind: 'key_expired', resource, wasRefused: status >= 400 };
  return { kind: 'replayed', response, resource };
}
