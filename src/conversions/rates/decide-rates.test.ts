import fc from 'fast-check';
import type { Fraction } from '../../money/fraction.ts';
import { decideRates, type KnownPair } from './decide-rates.ts';

const asOf = new Date('2026-01-05T12:00:00Z');
const TENTH = { numerator: 1n, denominator: 10n };
const fateOf = (value: Fraction, known: KnownPair, at = asOf) =>
  decideRates({ asOf: at, rates: [{ quote: 'EUR', value }] }, { knownOf: () => known, maxJump: TENTH })[0]
    ?.fate;
const whole = (numerator: bigint): Fraction => ({ numerator, denominator: 1n });
const current = (value: Fraction) => ({ current: { value, asOf } });

test('the first rate of a pair counts, whatever it is, and is called the first', () => {
  expect(fateOf(whole(10n ** 15n), {})).toBe('first');
});

test('the first rate of a pair is compared with what another base says of it', () => {
  expect(fateOf(whole(109n), { elsewhere: whole(100n) })).toBe('current');
  expect(fateOf(whole(111n), { elsewhere: whole(100n) })).toBe('held');
  expect(fateOf(whole(111n), { ...current(whole(111n)), elsewhere: whole(100n) })).toBe('current');
  const refused = { value: whole(111n), asOf };
  expect(fateOf(whole(111n), { elsewhere: whole(100n), refused })).toBe('refused');
});

test('a rate counts exactly as long as it differs by no more than the share', () => {
  const positive = fc.bigInt({ min: 1n, max: 10n ** 18n });
  fc.assert(
    fc.property(positive, positive, positive, positive, (a, b, c, d) => {
      // |a/b - c/d| <= (c/d) / 10, in whole numbers.
      const distance = a * d > c * b ? a * d - c * b : c * b - a * d;
      const expected = 10n * distance <= c * b ? 'current' : 'held';
      const last = { numerator: c, denominator: d };
      expect(fateOf({ numerator: a, denominator: b }, current(last))).toBe(expected);
    }),
  );
});

test('up and down are measured against the rate that counted', () => {
  expect(fateOf(whole(110n), current(whole(100n)))).toBe('current');
  expect(fateOf(whole(111n), current(whole(100n)))).toBe('held');
  expect(fateOf(whole(90n), current(whole(100n)))).toBe('current');
  expect(fateOf(whole(89n), current(whole(100n)))).toBe('held');
});

test('what is older than what counts, or than what is held, is passed over', () => {
  const before = new Date(asOf.getTime() - 1);
  expect(fateOf(whole(100n), current(whole(100n)), before)).toBe('older');
  const held = { current: { value: whole(100n), asOf: before }, held: { value: whole(200n), asOf } };
  expect(fateOf(whole(100n), held, before)).toBe('older');
  expect(fateOf(whole(100n), held)).toBe('current');
});

describe('of a number that was refused', () => {
  const refused = { ...current(whole(100n)), refused: { value: whole(200n), asOf } };

  test('nobody is asked again while the source repeats it, however it writes it', () => {
    expect(fateOf(whole(200n), refused)).toBe('refused');
    expect(fateOf({ numerator: 400n, denominator: 2n }, refused)).toBe('refused');
  });

  test('any other jump is asked about', () => {
    expect(fateOf(whole(201n), refused)).toBe('held');
    expect(fateOf(whole(50n), refused)).toBe('held');
  });

  test('a rate near the one that counts replaces it as ever', () => {
    expect(fateOf(whole(105n), refused)).toBe('current');
  });

  test('what is older is passed over', () => {
    const before = new Date(asOf.getTime() - 1);
    const earlier = { current: { value: whole(100n), asOf: before }, refused: refused.refused };
    expect(fateOf(whole(100n), earlier, before)).toBe('older');
  });
});
