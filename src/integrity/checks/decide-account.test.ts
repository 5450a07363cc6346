import type { AccountFacts } from './account-proofs.sql.ts';
import { decideAccount } from './decide-account.ts';

/** A wallet that holds 1000, of which 51 are held for a withdrawal. */
const wallet = (changes: Partial<AccountFacts> = {}): AccountFacts => ({
  accountId: 7n,
  state: 'open',
  posted: 1000n,
  held: 51n,
  floor: 0n,
  entriesPosted: '1000',
  holds: '51',
  ...changes,
});
const rulesOf = (account: AccountFacts) => decideAccount(account).map(({ rule }) => rule);

test('a wallet is whole whose balance is the sum of its entries and whose holds are what is held', () => {
  expect(decideAccount(wallet())).toEqual([]);
  expect(decideAccount(wallet({ held: 0n, holds: '0' }))).toEqual([]);
});

test.each([
  ['more', '999', '1'],
  ['less', '1001', '-1'],
])('a balance of a minor unit %s than the entries is a violation', (_what, entriesPosted, off) => {
  expect(decideAccount(wallet({ entriesPosted }))).toEqual([
    {
      rule: 'balance_equals_entries',
      subject: 'account:7',
      fingerprint: off,
      detail: `stored 1000 posted, entries say ${entriesPosted}`,
    },
  ]);
});

test.each([
  ['more', '50', '1'],
  ['less', '52', '-1'],
])('a minor unit %s held than the holds say is a violation', (_what, holds, off) => {
  expect(decideAccount(wallet({ holds }))).toEqual([
    {
      rule: 'held_equals_holds',
      subject: 'account:7',
      fingerprint: off,
      detail: `stored 51 held, its holds say ${holds}`,
    },
  ]);
});

test('sums beyond what a float can count are compared exactly', () => {
  const posted = 9_007_199_254_740_993n;
  expect(rulesOf(wallet({ posted, entriesPosted: '9007199254740993' }))).toEqual([]);
  expect(rulesOf(wallet({ posted, entriesPosted: '9007199254740992' }))).toEqual(['balance_equals_entries']);
});

test('a closed wallet has nothing in it, and nothing is held of it', () => {
  const empty = { posted: 0n, entriesPosted: '0', held: 0n, holds: '0' };
  expect(rulesOf(wallet({ ...empty, state: 'closed' }))).toEqual([]);
  expect(rulesOf(wallet({ state: 'frozen' }))).toEqual([]);
  expect(rulesOf(wallet({ ...empty, state: 'closed', posted: 1n, entriesPosted: '1' }))).toEqual([
    'closed_wallet_is_empty',
  ]);
  expect(rulesOf(wallet({ ...empty, state: 'closed', floor: -1n, held: 1n, holds: '1' }))).toEqual([
    'closed_wallet_is_empty',
  ]);
});

test('what is held counts against the floor, which may be reached and not passed', () => {
  expect(rulesOf(wallet({ posted: 51n, entriesPosted: '51' }))).toEqual([]);
  expect(rulesOf(wallet({ posted: 50n, entriesPosted: '50' }))).toEqual(['wallet_above_floor']);
  expect(rulesOf(wallet({ posted: 50n, entriesPosted: '50', floor: -1n }))).toEqual([]);
});

test('less than nothing held is a violation, although it makes more available', () => {
  expect(rulesOf(wallet({ held: -1n, holds: '-1' }))).toEqual(['wallet_above_floor']);
});

test('an account without a floor, as those of the system are, may be below zero', () => {
  expect(
    rulesOf(wallet({ floor: null, posted: -5000n, entriesPosted: '-5000', held: 0n, holds: '0' })),
  ).toEqual([]);
});

test('everything that is wrong with an account is told at once', () => {
  expect(rulesOf(wallet({ posted: -1n, holds: '0' }))).toEqual([
    'balance_equals_entries',
    'held_equals_holds',
    'wallet_above_floor',
  ]);
});

test('the fingerprint of a balance that is off stays while the account goes on moving', () => {
  const fingerprints = [
    wallet({ entriesPosted: '990' }),
    wallet({ posted: 1500n, entriesPosted: '1490' }),
  ].map((account) => decideAccount(account)[0]?.fingerprint);
  expect(fingerprints).toEqual(['10', '10']);
});
