import fc from 'fast-check';
import { invert, isSameFraction } from '../../money/fraction.ts';
import { deriveRate } from './derive-rate.ts';

const newer = new Date('2026-01-05T12:00:00Z');
const older = new Date('2026-01-05T11:00:00Z');
const known = (pair: string, numerator: bigint, denominator = 1n, changes = {}) => {
  const [base = '', quote = ''] = pair.split(' ');
  return {
    base,
    quote,
    state: 'current' as const,
    value: { numerator, denominator },
    asOf: newer,
    ...changes,
  };
};
const EURO = known('USD EUR', 9n, 10n);
const YEN = known('USD JPY', 150n, 1n, { asOf: older });

test('a rate is the one of the source, its inverse, or both together', () => {
  expect(deriveRate([EURO, YEN], 'USD', 'EUR')?.mid).toEqual({ numerator: 9n, denominator: 10n });
  expect(deriveRate([EURO, YEN], 'EUR', 'USD')?.mid).toEqual({ numerator: 10n, denominator: 9n });
  expect(deriveRate([EURO, YEN], 'EUR', 'JPY')?.mid).toEqual({ numerator: 500n, denominator: 3n });
});

test('it is as old as the older of the two', () => {
  expect(deriveRate([EURO, YEN], 'EUR', 'JPY')?.asOf).toEqual(older);
  expect(deriveRate([EURO, YEN], 'USD', 'EUR')?.asOf).toEqual(newer);
});

test('a currency without a rate has none, also where one is held', () => {
  expect(deriveRate([EURO], 'USD', 'JPY')).toBeUndefined();
  expect(deriveRate([EURO], 'JPY', 'EUR')).toBeUndefined();
  expect(deriveRate([known('USD JPY', 1n, 1n, { state: 'held' })], 'USD', 'JPY')).toBeUndefined();
  expect(deriveRate([], 'USD', 'EUR')).toBeUndefined();
});

test('a rate that is held holds every pair that it is part of, and no other', () => {
  const rates = [EURO, YEN, known('USD JPY', 1n, 1n, { state: 'held' })];
  expect(deriveRate(rates, 'EUR', 'JPY')?.isHeld).toBe(true);
  expect(deriveRate(rates, 'JPY', 'USD')?.isHeld).toBe(true);
  expect(deriveRate(rates, 'USD', 'EUR')?.isHeld).toBe(false);
});

describe('a rate that is held for another base', () => {
  const OLD_EURO = known('USD EUR', 9n, 10n, { asOf: older });
  const held = known('EUR USD', 1n, 9000n, { state: 'held' });

  test('holds the pair if it is newer than what counts: the older one is wrong if it is true', () => {
    expect(deriveRate([OLD_EURO, held], 'USD', 'EUR')).toMatchObject({ isHeld: true, asOf: older });
    expect(deriveRate([OLD_EURO, held], 'EUR', 'USD')?.isHeld).toBe(true);
    const yen = [YEN, known('EUR JPY', 1n, 1n, { state: 'held' })];
    expect(deriveRate([OLD_EURO, held, ...yen], 'USD', 'JPY')?.isHeld).toBe(true);
  });

  test('holds nothing that was said since, and no pair that it is not a part of', () => {
    expect(deriveRate([EURO, { ...held, asOf: older }], 'USD', 'EUR')?.isHeld).toBe(false);
    expect(deriveRate([OLD_EURO, YEN, held], 'USD', 'JPY')?.isHeld).toBe(false);
  });
});

test('the way back is the inverse of the way there, whatever bases there are', () => {
  const values = fc.bigInt({ min: 1n, max: 10n ** 18n });
  const times = fc.constantFrom(newer, older);
  fc.assert(
    fc.property(fc.array(values, { minLength: 8, maxLength: 8 }), times, times, (terms, first, second) => {
      const [a = 1n, b = 1n, c = 1n, d = 1n, e = 1n, f = 1n, g = 1n, h = 1n] = terms;
      const rates = [
        known('USD EUR', a, b, { asOf: first }),
        known('USD JPY', c, d, { asOf: first }),
        known('GBP EUR', e, f, { asOf: second }),
        known('GBP JPY', g, h, { asOf: second }),
      ];
      const there = deriveRate(rates, 'EUR', 'JPY');
      const back = deriveRate(rates.toReversed(), 'JPY', 'EUR');
      expect(there && back && isSameFraction(there.mid, invert(back.mid))).toBe(true);
    }),
  );
});
