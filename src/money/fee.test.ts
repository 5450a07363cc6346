import fc from 'fast-check';
import { computeFeeMinor, type FeeTerms, NO_FEE, percentOnly } from './fee.ts';
import { type Percent, parsePercent } from './percent.ts';

const percent = (text: string) => parsePercent(text) as Percent;
const amounts = fc.bigInt({ min: 1n, max: 10n ** 13n });
const rates = fc.constantFrom('0', '0.000001', '0.0001', '2', '33.3333', '99.9999').map(percent);
const minor = fc.bigInt({ min: 0n, max: 10n ** 13n });
/** Whatever a row of the schedule may say: its most is never below its least. */
const anyTerms = fc
  .record({ percent: rates, fixedMinor: minor, bounds: fc.tuple(fc.option(minor), fc.option(minor)) })
  .map(({ bounds: [one, other], ...terms }): FeeTerms => {
    const [leastMinor, mostMinor] =
      one !== null && other !== null && one > other ? [other, one] : [one, other];
    return { ...terms, leastMinor, mostMinor };
  });

describe('the fee', () => {
  test.each([
    [20000n, '2', 400n],
    [5000n, '2', 100n],
    [25n, '2', 1n],
    [24n, '2', 0n],
    [1n, '99.99', 1n],
    [10000n, '1.75', 175n],
    [10000n, '0', 0n],
    [5000n, '0.0001', 0n],
    [500_000n, '0.0001', 1n],
  ])('on %s minor units at %s %% is %s', (amount, rate, fee) => {
    expect(computeFeeMinor(amount, percentOnly(percent(rate)))).toBe(fee);
  });

  test.each([
    [10_000n, { fixedMinor: 30n }, 280n],
    [25n, { percent: '2', fixedMinor: 30n }, 31n],
    [100n, { leastMinor: 50n }, 50n],
    [100_000n, { leastMinor: 50n, mostMinor: 2000n }, 2000n],
    [10_000n, { percent: '0', fixedMinor: 30n, leastMinor: 50n }, 50n],
    [10_000n, { leastMinor: 70n, mostMinor: 70n }, 70n],
    [10_000n, { mostMinor: 0n }, 0n],
  ])(
    'on %s with %o is %s',
    (amount, { percent: rate = '2.5', ...rest }: object & { percent?: string }, fee) => {
      expect(computeFeeMinor(amount, { ...percentOnly(percent(rate)), ...rest })).toBe(fee);
    },
  );

  test('that is a share alone is never below zero nor above the amount, and grows with it', () => {
    fc.assert(
      fc.property(amounts, rates, (amount, rate) => {
        const fee = computeFeeMinor(amount, percentOnly(rate));
        expect(fee >= 0n && fee <= amount).toBe(true);
        expect(computeFeeMinor(amount + 1n, percentOnly(rate)) >= fee).toBe(true);
      }),
    );
  });

  test('is never below zero, keeps its bounds, and grows with the amount', () => {
    fc.assert(
      fc.property(amounts, anyTerms, (amount, terms) => {
        const fee = computeFeeMinor(amount, terms);
        expect(fee).toBeGreaterThanOrEqual(terms.leastMinor ?? 0n);
        if (terms.mostMinor !== null) expect(fee).toBeLessThanOrEqual(terms.mostMinor);
        expect(computeFeeMinor(amount + 1n, terms) >= fee).toBe(true);
      }),
    );
  });

  test('within its bounds is the exact share and the fixed part, to half a minor unit, with one half rounded up', () => {
    fc.assert(
      fc.property(amounts, rates, minor, (amount, rate, fixedMinor) => {
        const fee = computeFeeMinor(amount, { ...percentOnly(rate), fixedMinor });
        const twiceTheError = 2n * ((fee - fixedMinor) * rate.denominator - amount * rate.numerator);
        expect(twiceTheError <= rate.denominator && twiceTheError > -rate.denominator).toBe(true);
      }),
    );
  });

  test('of a payment that costs nothing is nothing', () => {
    fc.assert(fc.property(amounts, (amount) => expect(computeFeeMinor(amount, NO_FEE)).toBe(0n)));
  });

  test.each(['', '-1', '100', 'two', '1.', '1.1234567', '1e1'])('of "%s" is no percentage', (text) => {
    expect(parsePercent(text)).toBeUndefined();
  });
});
