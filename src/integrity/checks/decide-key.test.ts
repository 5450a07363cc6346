import { decideKey } from './decide-key.ts';
import type { KeyFacts } from './key-facts.sql.ts';

const used = (changes: Partial<KeyFacts> = {}): KeyFacts => ({
  scope: 3n,
  key: 'order-9',
  resourceKind: 'payment',
  resourceId: 42n,
  hasResource: true,
  createdAt: '2026-11-21 06:29:35.071+00',
  ...changes,
});

test('a key is right whose client was told of something that is there', () => {
  expect(decideKey(used())).toEqual([]);
});

test('a key whose client was told of a payment that is not there is a violation', () => {
  expect(decideKey(used({ hasResource: false }))).toEqual([
    {
      rule: 'key_has_its_resource',
      subject: 'key:3:order-9',
      fingerprint: 'payment 42 of user 3',
      detail: 'the key was used for payment 42 of user 3, which does not exist',
    },
  ]);
});

test('a key that made a user belongs to no user', () => {
  const [violation] = decideKey(
    used({ scope: 0n, resourceKind: 'user', resourceId: 5n, hasResource: false }),
  );
  expect(violation).toMatchObject({ subject: 'key:0:order-9', fingerprint: 'user 5' });
});
