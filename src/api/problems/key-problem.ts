import type { KeyedResource } from '../../idempotency/used-key.ts';
import { resourcePath } from '../describe/resource-paths.ts';
import { Problem } from './problem.ts';

/** Why no answer is stored for a key. */
type KeyOutcome =
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'key_in_use' }
  | { readonly kind: 'key_expired'; readonly resource: KeyedResource; readonly wasRefused: boolean };

/** What is there to be read although the request was refused: a payment is recorded as failed, and a hold was there before. */
const KEPT_OF_REFUSALS: ReadonlySet<KeyedResource['kind']> = new Set(['payment', 'order_hold']);

/**
 * What the client is told when there is no answer to return for its key.
 * @param orderHoldPath where the hold is that the request is about, for those that are about one.
 */
export function keyProblem(outcome: KeyOutcome, options: { readonly orderHoldPath?: string } = {}): Problem {
  const problemField = (message: string) => [{ field: 'Idempotency-Key', message }];
  switch (outcome.kind) {
    case 'key_reused':
      return new Problem('idempotency-key-reused', {
        errors: problemField('was used for a different request'),
      });
    case 'key_in_use':
      return new Problem('idempotency-key-in-use', {
        errors: problemField('is in use by another request that is in progress'),
      });
    case 'key_expired':
      return expired(outcome, options);
  }
}

/** Names what the request made. Of a refusal it names only what can be read: most refusals made nothing. */
function expired(
  { resource, wasRefused }: Extract<KeyOutcome, { kind: 'key_expired' }>,
  options: { readonly orderHoldPath?: string },
): Problem {
  const { kind, id } = resource;
  if (wasRefused && !KEPT_OF_REFUSALS.has(kind))
    return new Problem('idempotency-key-expired', {
      detail:
        'The request with this key was refused, and nothing was made. Its stored answer has expired, and the key will never execute again.',
    });
  const path = resourcePath(resource, options);
  const what = wasRefused
    ? `The request with this key was refused. It was about ${path}.`
    : `The key was used for ${path}.`;
  return new Problem('idempotency-key-expired', {
    detail: `${what} Its stored answer has expired, and the key will never execute again.`,
    extensions: { [kind]: path, [`${kind}_id`]: Number(id) },
    headers: { Location: path },
  });
}
