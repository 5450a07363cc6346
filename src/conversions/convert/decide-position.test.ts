import fc from 'fast-check';
import { createTally } from '../../commands/tally.ts';
import { type Position, takePositions } from './decide-position.ts';

const position = (amountMinor: bigint, limitMinor: bigint, currency = 'EUR'): Position => ({
  currency,
  amountMinor,
  limitMinor,
});
const change = (amountMinor: bigint, currency = 'EUR') => ({ currency, amountMinor });

test.each<[bigint, bigint, bigint, boolean]>([
  [0n, 100n, 100n, true],
  [0n, 100n, 101n, false],
  [0n, 100n, -100n, true],
  [0n, 100n, -101n, false],
  // Beyond the limit it may only shrink, and not to the same size on the other side.
  [500n, 100n, -1n, true],
  [500n, 100n, 1n, false],
  [500n, 100n, -1000n, false],
  [-500n, 100n, 1n, true],
  [500n, 100n, 0n, true],
  [0n, 0n, 1n, false],
])('a position of %s with a limit of %s changes by %s: %s', (amountMinor, limitMinor, by, mayChange) => {
  const refused = takePositions([position(amountMinor, limitMinor)], [change(by)], createTally());
  expect(refused).toBe(mayChange ? undefined : 'EUR');
});

test('a currency without a limit is not looked at', () => {
  expect(takePositions([position(0n, 1n)], [change(1000n, 'JPY')], createTally())).toBeUndefined();
});

test('where one of two positions is full, neither is taken', () => {
  const tally = createTally();
  const positions = [position(0n, 100n), position(0n, 10n, 'USD')];
  expect(takePositions(positions, [change(100n), change(-11n, 'USD')], tally)).toBe('USD');
  expect(takePositions(positions, [change(100n), change(-10n, 'USD')], tally)).toBeUndefined();
  expect(takePositions(positions, [change(1n)], tally)).toBe('EUR');
});

test('whatever a batch wants, a position within its limit stays there, and one beyond it never grows', () => {
  const amounts = fc.bigInt({ min: -300n, max: 300n });
  fc.assert(
    fc.property(amounts, fc.bigInt({ min: 0n, max: 200n }), fc.array(amounts), (start, limit, wanted) => {
      const size = (amount: bigint) => (amount < 0n ? -amount : amount);
      const tally = createTally();
      let now = start;
      for (const by of wanted) {
        if (takePositions([position(start, limit)], [change(by)], tally) !== undefined) continue;
        expect(size(now + by) <= limit || size(now + by) <= size(now)).toBe(true);
        now += by;
      }
    }),
  );
});
