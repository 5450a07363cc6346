import { decideStateChange, type StateAction, type StateFacts } from './decide-state-change.ts';

const EMPTY: StateFacts = { state: 'open', postedMinor: 0n, heldMinor: 0n, openPayments: 0, openQuotes: 0 };

test.each([
  ['open', 'freeze', 'frozen'],
  ['frozen', 'unfreeze', 'open'],
  ['open', 'close', 'closed'],
  ['frozen', 'close', 'closed'],
] as const)('a wallet that is %s can be changed: %s', (before, action, after) => {
  expect(decideStateChange(action, { ...EMPTY, state: before })).toEqual({ kind: 'changed', before, after });
});

test.each([
  ['frozen', 'freeze'],
  ['open', 'unfreeze'],
  ['closed', 'close'],
] as const)('a wallet that is %s already is left as it is by %s', (state, action) => {
  expect(decideStateChange(action, { ...EMPTY, state })).toEqual({ kind: 'unchanged' });
});

test.each<StateAction>(['freeze', 'unfreeze'])('a closed wallet stays closed: %s', (action) => {
  expect(decideStateChange(action, { ...EMPTY, state: 'closed' })).toEqual({ kind: 'closed' });
});

test.each<Partial<StateFacts>>([
  { postedMinor: 1n },
  { postedMinor: -1n },
  { heldMinor: 1n, postedMinor: 1n },
  { openPayments: 1 },
  { openQuotes: 1 },
])('a wallet with anything in it, held of it or on its way is not closed, but may be frozen: %p', (what) => {
  const facts = { ...EMPTY, ...what };
  expect(decideStateChange('close', facts)).toEqual({ kind: 'not_empty', facts });
  expect(decideStateChange('freeze', facts)).toMatchObject({ kind: 'changed', after: 'frozen' });
});
