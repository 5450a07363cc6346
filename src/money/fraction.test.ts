import fc from 'fast-check';
import {
  ceilingOf,
  floorOf,
  formatFraction,
  invert,
  isSameFraction,
  multiply,
  parseFraction,
} from './fraction.ts';

test.each([
  ['0.92', 23n, 25n],
  ['1', 1n, 1n],
  ['150.250', 601n, 4n],
  ['1e-7', 1n, 10_000_000n],
  ['2.5E3', 2500n, 1n],
  ['0.000000123', 123n, 1_000_000_000n],
  ['0', 0n, 1n],
])('%s is exactly %s / %s', (text, numerator, denominator) => {
  expect(parseFraction(text)).toEqual({ numerator, denominator });
});

test.each([
  '',
  '-1',
  '+1',
  '.5',
  '5.',
  '1,5',
  '0x10',
  'NaN',
  'Infinity',
  ' 1',
  '1e999',
  '1'.repeat(41),
  '1\n',
])('%j is no number here', (text) => {
  expect(parseFraction(text)).toBeUndefined();
});

test.each([
  ['0.92', '0.92'],
  ['1234567.5', '1234567'],
  ['0.00000012345678', '0.000000123456'],
  ['150', '150'],
  ['1234567', '1234567'],
])('%s is written as %s with six digits', (text, written) => {
  expect(formatFraction(parseFraction(text) ?? { numerator: 0n, denominator: 1n }, 6)).toBe(written);
});

test('a third is truncated and never rounded up', () => {
  expect(formatFraction({ numerator: 2n, denominator: 3n }, 4)).toBe('0.6666');
});

test('a number times its inverse is 1, and every number lies between its floor and its ceiling', () => {
  const positive = fc.bigInt({ min: 1n, max: 10n ** 18n });
  fc.assert(
    fc.property(positive, positive, (numerator, denominator) => {
      const value = { numerator, denominator };
      expect(isSameFraction(multiply(value, invert(value)), { numerator: 1n, denominator: 1n })).toBe(true);
      expect(floorOf(value) * denominator <= numerator).toBe(true);
      expect(ceilingOf(value) * denominator >= numerator).toBe(true);
      expect(ceilingOf(value) - floorOf(value) <= 1n).toBe(true);
    }),
  );
});
