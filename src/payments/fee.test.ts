import fc from 'fast-check';
import { type Percent, parsePercent } from '../money/percent.ts';
import { computeFeeMinor } from './fee.ts';

const percent = (text: string) => parsePercent(text) as Percent;

describe('the fee', () => {
  test.each([
    [20000n, '2', 400n],
    [5000n, '2', 100n],
    [25n, '2', 1n],
    [24n, '2', 0n],
    [1n, '99.99', 1n],
    [10000n, '1.75', 175n],
    [10000n, '0', 0n],
  ])('on %s minor units at %s %% is %s', (amount, rate, fee) => {
    expect(computeFeeMinor(amount, percent(rate))).toBe(fee);
  });

  test('is never below zero nor above the amount, and grows with it', () => {
    const rates = fc.constantFrom('0', '0.000001', '2', '33.333333', '99.999999').map(percent);
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 13n }), rates, (amount, rate) => {
        const fee = computeFeeMinor(amount, rate);
        expect(fee >= 0n && fee <= amount).toBe(true);
        expect(computeFeeMinor(amount + 1n, rate) >= fee).toBe(true);
      }),
    );
  });

  test('is within half a minor unit of the exact share', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 13n }), (amount) => {
        const { numerator, denominator } = percent('2');
        const twiceTheError = 2n * (computeFeeMinor(amount, percent('2')) * denominator - amount * numerator);
        expect(twiceTheError <= denominator && twiceTheError > -denominator).toBe(true);
      }),
    );
  });

  test.each(['', '-1', '100', 'two', '1.', '1.1234567', '1e1'])('of "%s" is no percentage', (text) => {
    expect(parsePercent(text)).toBeUndefined();
  });
});
