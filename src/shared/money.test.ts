import fc from 'fast-check';
import { amountToJson, formatAmount, MAX_AMOUNT_MINOR, parseAmount } from './money.ts';

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
    ['1'.repeat(100), 'not-a-decimal'],
  ])('%s in USD is %s', (text, expected) => {
    expect(amountMinor(text)).toBe(expected);
  });

  test('follows the decimals of its currency', () => {
    expect(amountMinor('5', 'JPY')).toBe(5n);
    expect(amountMinor('5.5', 'JPY')).toBe('too-many-decimals');
    expect(amountMinor('5.123', 'KWD')).toBe(5123n);
  });

  test('comes back from its decimal form unchanged', () => {
    const amounts = fc.bigInt({ min: -MAX_AMOUNT_MINOR, max: MAX_AMOUNT_MINOR });
    fc.assert(
      fc.property(amounts, fc.constantFrom('USD', 'JPY', 'KWD'), (amount, currency) => {
        expect(amountMinor(formatAmount(amount, currency), currency)).toBe(amount);
      }),
    );
  });

  test('survives the way through a JSON number up to the largest amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_AMOUNT_MINOR }), (amount) => {
        const json = JSON.stringify(amountToJson(amount, 'USD'));
        expect(amountMinor(json)).toBe(amount);
      }),
    );
  });
});
