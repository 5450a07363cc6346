import fc from 'fast-check';
import { amountToJson, formatAmount, parseAmount } from './decimal-amount.ts';

/** A hundred thousand million of a currency with two decimals. Not the code's own number, so that a limit moved by mistake fails here. */
const MAX_AMOUNT_MINOR = 10_000_000_000_000n;

const amountMinor = (text: string, currency = 'USD') => {
  const parsed = parseAmount(text, currency);
  return parsed.kind === 'amount' ? parsed.amountMinor : parsed.kind;
};

describe('an amount as text', () => {
  test.each([
    ['200', 20000n],
    ['199.99', 19999n],
    ['0.01', 1n],
    ['200.000', 20000n],
    ['1e2', 10000n],
    ['1.5E1', 1500n],
    ['20000e-4', 200n],
    ['0', 0n],
    ['-1', -100n],
    ['0.001', 'too-many-decimals'],
    ['199.990000000000001', 'too-many-decimals'],
    ['1e-3', 'too-many-decimals'],
    ['100000000000.00', MAX_AMOUNT_MINOR],
    ['100000000000.01', 'too-large'],
    ['1e400', 'too-large'],
    ['abc', 'not-a-decimal'],
    ['', 'not-a-decimal'],
    ['1,5', 'not-a-decimal'],
    ['0x10', 'not-a-decimal'],
    ['NaN', 'not-a-decimal'],
    ['Infinity', 'not-a-decimal'],
    [' 1', 'not-a-decimal'],
    ['1'.repeat(400), 'too-large'],
    ['1e99999', 'too-large'],
    [`0.${'0'.repeat(400)}`, 0n],
    [`0.${'0'.repeat(400)}1`, 'too-many-decimals'],
    [`1e-${'9'.repeat(400)}`, 'too-many-decimals'],
    [`${'0'.repeat(400)}1`, 100n],
    [`1${'0'.repeat(400)}e-400`, 100n],
  ])('%s in USD is %s', (text, expected) => {
    expect(amountMinor(text)).toBe(expected);
  });

  test('follows the decimals of its currency', () => {
    expect(amountMinor('5', 'JPY')).toBe(5n);
    expect(amountMinor('5.5', 'JPY')).toBe('too-many-decimals');
    expect(amountMinor('5.123', 'KWD')).toBe(5123n);
    expect(amountMinor('10.50', 'HUF')).toBe(1050n);
    expect(amountMinor('0.001', 'IQD')).toBe(1n);
    expect(amountMinor('39000.1234', 'CLF')).toBe(390_001_234n);
    expect(amountMinor('0.00001', 'CLF')).toBe('too-many-decimals');
  });

  describe.each([
    [0, ['JPY', 'KRW', 'XOF', 'UYI']],
    [2, ['USD', 'HUF', 'IDR', 'XCG']],
    [3, ['KWD', 'IQD']],
    [4, ['CLF', 'UYW']],
  ])('in a currency with %i decimals', (scale, codes) => {
    const amounts = fc.bigInt({ min: -MAX_AMOUNT_MINOR, max: MAX_AMOUNT_MINOR });
    const currencies = fc.constantFrom(...codes);
    const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));

    test('comes back from its decimal form unchanged', () => {
      fc.assert(
        fc.property(amounts, currencies, (amount, currency) => {
          expect(amountMinor(formatAmount(amount, currency), currency)).toBe(amount);
        }),
      );
    });

    test('survives as a JSON number up to the largest amount', () => {
      fc.assert(
        fc.property(amounts, currencies, (amount, currency) => {
          const json = JSON.stringify(amountToJson(amount, currency));
          expect(amountMinor(json, currency)).toBe(amount);
        }),
      );
    });

    test('is its digits without the point, if it has as many decimals as the currency', () => {
      fc.assert(
        fc.property(fc.nat({ max: 999_999 }), digits(scale), currencies, (whole, fraction, currency) => {
          const text = scale === 0 ? `${whole}` : `${whole}.${fraction}`;
          expect(amountMinor(text, currency)).toBe(BigInt(`${whole}${fraction}`));
        }),
      );
    });

    test('is refused with one decimal more, unless that is a zero', () => {
      fc.assert(
        fc.property(
          fc.nat({ max: 999_999 }),
          digits(scale),
          fc.integer({ min: 0, max: 9 }),
          currencies,
          (whole, fraction, last, currency) => {
            const expected = last === 0 ? BigInt(`${whole}${fraction}`) : 'too-many-decimals';
            expect(amountMinor(`${whole}.${fraction}${last}`, currency)).toBe(expected);
          },
        ),
      );
    });

    test('is never written with more decimals than the currency has, or with useless zeros', () => {
      fc.assert(
        fc.property(amounts, currencies, (amount, currency) => {
          const pattern = scale === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+(\\.\\d{0,${scale - 1}}[1-9])?$`);
          expect(formatAmount(amount, currency)).toMatch(pattern);
        }),
      );
    });
  });
});
