import type { KeyedResource } from '../../idempotency/used-key.ts';
import { resourcePath } from '../describe/resource-paths.ts';
import { Problem } from './problem.ts';

/** Why no answer is stored for a key. */
type KeyOutcome =
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'key_in_use' }
  | { readonly kind: 'key_expired'; readonly resource: KeyedResource };

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
    case 'key_expired': {
      const { kind, id } = outcome.resource;
      const path = resourcePath(outcome.resource, options);
      return new Problem('idempotency-key-expired', {
        detail: `The key was used for ${path}, and its stored answer has expired. The key will never execute again.`,
        extensions: { [kind]: path, [`${kind}_id`]: Number(id) },
        headers: { Location: path },
      });
    }
  }
}
