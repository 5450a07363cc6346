import fc from 'fast-check';
import { ExactNumber, keepNumbersExact } from './exact-number.ts';

const parse = (text: string) => JSON.parse(text, keepNumbersExact);

test.each([
  '0',
  '200',
  '199.99',
  '-1.5',
  '1e2',
  '9007199254740991',
  '0.00',
  '123456789012.345',
  '1.0000000000000000000',
  '9007199254740991.0',
])('%s is an ordinary number', (text) => {
  expect(parse(text)).toBe(Number(text));
});

test.each([
  '1e400',
  '-1e400',
  '1e-400',
  '199.990000000000001',
  '9007199254740993',
  '0.1000000000000000055',
  '12345678901234567890',
])('%s is kept as it was written', (text) => {
  expect(parse(text)).toBeInstanceOf(ExactNumber);
  expect(String(parse(text))).toBe(text);
});

test('no number changes its value when it is read', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      fc.integer({ min: 0, max: 10 }),
      (digits, scale) => {
        const sign = digits < 0n ? '-' : '';
        const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
        const decimal =
          scale === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
        const value = parse(decimal);
        if (typeof value === 'number') expect(toScaled(String(value), scale)).toBe(digits);
        else expect(value.text).toBe(decimal);
      },
    ),
  );
});

function toScaled(text: string, scale: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  if (!match) throw new Error(text);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = scale - fraction.length + Number(exponent);
  const magnitude = BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, shift));
  return sign === '-' ? -magnitude : magnitude;
}
