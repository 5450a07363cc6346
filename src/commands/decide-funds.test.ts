import fc from 'fast-check';
import { lockedWallets } from '../../test/builders/locked-wallets.ts';
import { decideFunds } from './decide-funds.ts';
import { createFunds } from './funds.ts';

const WALLET = 10n;
const fundsOf = (availableMinor: bigint) => createFunds(lockedWallets([[WALLET, availableMinor]]));

test('the last minor unit can be taken, and not one more', () => {
  const funds = fundsOf(5100n);
  expect(decideFunds(funds, { walletId: WALLET, neededMinor: 5100n })).toEqual({ kind: 'taken' });
  expect(funds.availableMinor(WALLET)).toBe(0n);
  expect(decideFunds(funds, { walletId: WALLET, neededMinor: 1n })).toEqual({
    kind: 'insufficient_funds',
    neededMinor: 1n,
    availableMinor: 0n,
  });
});

test('a refusal takes nothing, so that a smaller one after it still fits', () => {
  const funds = fundsOf(100n);
  expect(decideFunds(funds, { walletId: WALLET, neededMinor: 101n })).toEqual({
    kind: 'insufficient_funds',
    neededMinor: 101n,
    availableMinor: 100n,
  });
  expect(decideFunds(funds, { walletId: WALLET, neededMinor: 100n })).toEqual({ kind: 'taken' });
});

test('a command that needs nothing is never refused, even if its wallet is not locked', () => {
  expect(decideFunds(createFunds(new Map()), { walletId: WALLET, neededMinor: 0n })).toEqual({
    kind: 'taken',
  });
  expect(decideFunds(fundsOf(-5n), { walletId: WALLET, neededMinor: 0n })).toEqual({ kind: 'taken' });
});

test('nothing can be taken from a wallet that is not locked', () => {
  expect(decideFunds(createFunds(new Map()), { walletId: WALLET, neededMinor: 1n })).toMatchObject({
    kind: 'insufficient_funds',
  });
});

test.each([
  ['frozen', 'wallet_frozen'],
  ['closed', 'wallet_closed'],
] as const)('nothing is taken from a wallet that is %s, however much it holds', (state, kind) => {
  const funds = createFunds(lockedWallets([[WALLET, 100n]], state));
  expect(decideFunds(funds, { walletId: WALLET, neededMinor: 1n })).toEqual({ kind, walletId: WALLET });
  expect(funds.availableMinor(WALLET)).toBe(100n);
});

test('a negative need is a programming error, because it would give the wallet money', () => {
  expect(() => decideFunds(fundsOf(100n), { walletId: WALLET, neededMinor: -1n })).toThrow(/needs none/);
});

test('no more is ever taken than there was, and whatever fits is taken', () => {
  const wallets = [10n, 11n, 12n];
  const seen = { taken: 0, insufficient_funds: 0, wallet_frozen: 0, wallet_closed: 0 };
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: 0n, max: 10_000n }), { minLength: 3, maxLength: 3 }),
      fc.array(fc.tuple(fc.constantFrom(...wallets), fc.bigInt({ min: 1n, max: 4000n })), { minLength: 5 }),
      (balances, needs) => {
        const left = new Map(wallets.map((walletId, index) => [walletId, balances[index] as bigint]));
        const funds = createFunds(lockedWallets(left));
        for (const [walletId, neededMinor] of needs) {
          const had = left.get(walletId) as bigint;
          const { kind } = decideFunds(funds, { walletId, neededMinor });
          expect(kind).toBe(had >= neededMinor ? 'taken' : 'insufficient_funds');
          if (kind === 'taken') left.set(walletId, had - neededMinor);
          seen[kind] += 1;
        }
        expect(wallets.map((walletId) => funds.availableMinor(walletId))).toEqual([...left.values()]);
      },
    ),
  );
  // Otherwise the property would have said nothing.
  expect(Math.min(seen.taken, seen.insufficient_funds)).toBeGreaterThan(100);
});
