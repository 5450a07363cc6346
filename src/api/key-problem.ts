import { Problem } from './problem.ts';

/** Why a key does not lead to an answer. */
type KeyOutcome =
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'key_in_use' }
  | { readonly kind: 'key_expired'; readonly resourceId: bigint };

/**
 * What the client is told when its key does not lead to an answer.
 * @param resource the kind of thing that the key was used to make, and where it can be read.
 */
export function keyProblem(
  outcome: KeyOutcome,
  resource: { readonly kind: 'payment' | 'user' | 'bulk_redrive'; readonly pathOf: (id: bigint) => string },
): Problem {
  const problemField = (message: string) => [{ field: 'Idempotency-Key', message }];
  switch (outcome.kind) {
    case 'key_reused':
      return new Problem('idempotency-key-reused', { errors: problemField('was used for another request') });
    case 'key_in_use':
      return new Problem('idempotency-key-in-use', {
        errors: problemField('is in use by a request that is under way'),
        headers: { 'Retry-After': '1' },
      });
    case 'key_expired': {
      const path = resource.pathOf(outcome.resourceId);
      return new Problem('idempotency-key-expired', {
        detail: `The key was used for ${path}, and its stored answer has expired. It will never execute again.`,
        extensions: { [resource.kind]: path, [`${resource.kind}_id`]: Number(outcome.resourceId) },
        headers: { Location: path },
      });
    }
  }
}
