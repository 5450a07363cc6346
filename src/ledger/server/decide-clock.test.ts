import type { ClockFacts } from './clock.sql.ts';
import { assertIdsGoForward, decideClock, TransactionIdsWentBack } from './decide-clock.ts';

const facts = (changes: Partial<ClockFacts> = {}): ClockFacts => ({
  storedIdentifier: 77n,
  identifier: 77n,
  next: 1000n,
  markedBelow: 900n,
  ...changes,
});

test.each<[string, Partial<ClockFacts>, object]>([
  ['the server that was noted', {}, { kind: 'same_server' }],
  ['a server whose next id is the first that is not counted', { next: 900n }, { kind: 'same_server' }],
  ['a server that nobody has noted yet', { storedIdentifier: null }, { kind: 'unnoted', identifier: 77n }],
  // Then only the ids can tell.
  ['a server whose identifier this role may not read', { identifier: null }, { kind: 'same_server' }],
  [
    'an unnoted server whose identifier may not be read',
    { identifier: null, storedIdentifier: null },
    { kind: 'same_server' },
  ],
  ['another server', { identifier: 78n }, { kind: 'other_server' }],
  ['a server whose ids are behind', { next: 899n }, { kind: 'went_back' }],
  ['another server whose ids are behind', { identifier: 78n, next: 899n }, { kind: 'went_back' }],
  [
    'ids that are behind where nobody may read the identifier',
    { identifier: null, next: 899n },
    { kind: 'went_back' },
  ],
  [
    'ids that are behind where nothing was noted',
    { storedIdentifier: null, next: 899n },
    { kind: 'went_back' },
  ],
])('%s', (_what, changes, state) => {
  expect(decideClock(facts(changes))).toMatchObject(state);
});

test('the refusal of a server names it and says what to do', () => {
  expect(decideClock(facts({ identifier: 78n }))).toEqual({
    kind: 'other_server',
    sentence: expect.stringMatching(/server 77 to the server 78.*npx tollgate rebase/),
  });
  expect(decideClock(facts({ next: 5n }))).toEqual({
    kind: 'went_back',
    sentence: expect.stringMatching(/below 900, but the server is at 5\. .*npx tollgate rebase/),
  });
});

test('ids that continue are accepted, and ids that went back are not', () => {
  expect(() => assertIdsGoForward({ markedBelow: 900n, next: 900n })).not.toThrow();
  expect(() => assertIdsGoForward({ markedBelow: 900n, next: 899n })).toThrow(TransactionIdsWentBack);
});
