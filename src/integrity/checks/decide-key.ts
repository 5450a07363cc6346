import type { Violation } from '../violation.ts';
import type { KeyFacts } from './key-facts.sql.ts';

/** The part of I5 that the database can check: whatever a client was told with its key exists. */
export function decideKey({ scope, key, resourceKind, resourceId, hasResource }: KeyFacts): Violation[] {
  if (hasResource) return [];
  const owner = scope === 0n ? '' : ` of user ${scope}`;
  const resource = `${resourceKind} ${resourceId}${owner}`;
  return [
    {
      rule: 'key_has_its_resource',
      subject: `key:${scope}:${key}`,
      fingerprint: resource,
      detail: `the key was used for ${resource}, which does not exist`,
    },
  ];
}
