import { parseFraction } from '../../money/fraction.ts';
import { parseEcbRates } from './parse-ecb-rates.ts';
import { parseRates } from './parse-rates.ts';
import type { GivenRates } from './rate-provider.ts';

const now = new Date('2026-11-27T18:00:00Z');
const AS_OF = '"as_of": "2026-11-27T12:00:00Z"';
const read = (text: string, wantedBase?: string) => parseRates(text, { wantedBase, now });
const rateOf = (given: GivenRates | string, quote: string) => {
  if (typeof given === 'string') throw new Error(given);
  return given.rates.find((rate) => rate.quote === quote)?.value;
};
const withRate = (rate: string) => read(`{"base": "USD", ${AS_OF}, "rates": {"EUR": ${rate}}}`);

describe('rates in JSON', () => {
  test.each([
    ['0.92', '0.92'],
    ['"150.25"', '150.25'],
    ['1e-7', '0.0000001'],
    ['0.0000001234', '0.0000001234'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['123456789012345.5', '123456789012345.5'],
  ])('%s is read exactly as it is written', (written, exact) => {
    expect(rateOf(withRate(written), 'EUR')).toEqual(parseFraction(exact));
  });

  test.each([
    '0',
    '"0.000"',
    '-1',
    '"-0.5"',
    'null',
    '[1]',
    'true',
    '"0,92"',
    '"NaN"',
    '""',
    '1e300',
    '1e-300',
    '1e16',
    '"1e-16"',
    '"0.1234567890123456789012"',
  ])('%s is no rate, and spoils no other', (written) => {
    const given = read(`{"base": "USD", ${AS_OF}, "rates": {"JPY": 150, "EUR": ${written}}}`);
    expect(rateOf(given, 'JPY')).toEqual({ numerator: 150n, denominator: 1n });
    expect(given).toMatchObject({ refused: [{ quote: 'EUR', why: expect.any(String) }] });
  });

  test('currencies that nobody can pay in, and the base itself, are passed over', () => {
    const given = read(
      `{"base": "USD", ${AS_OF}, "rates": {"USD": 1, "BTC": 0.00001, "XAU": 0.0004, "KWD": 0.307}}`,
    );
    expect(given).toMatchObject({ base: 'USD', rates: [{ quote: 'KWD' }], refused: [] });
  });

  test.each([
    ['as_of', `"as_of": "2026-11-27T12:00:00+02:00"`, '2026-11-27T10:00:00.000Z'],
    ['timestamp', '"timestamp": 1795780800', new Date(1795780800_000).toISOString()],
    ['date', '"date": "2026-11-26"', '2026-11-26T13:15:00.000Z'],
  ])('%s says which moment they speak of', (_name, member, asOf) => {
    const given = read(`{"base": "USD", ${member}, "rates": {"EUR": 0.92}}`) as GivenRates;
    expect(given.asOf.toISOString()).toBe(asOf);
  });

  test('a day that is today is not from the future before its fix', () => {
    const morning = new Date('2026-11-27T08:00:00Z');
    const given = parseRates('{"base": "USD", "date": "2026-11-27", "rates": {"EUR": 1}}', { now: morning });
    expect((given as GivenRates).asOf).toEqual(morning);
  });

  test.each([
    ['', 'not a JSON object'],
    ['[]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    [`{"base": "USD", "base": "EUR", ${AS_OF}, "rates": {}}`, 'twice'],
    [`{"base": "USD", ${AS_OF}, "rates": {"EUR": 1, "EUR": 2}}`, 'twice'],
    [`{${AS_OF}, "rates": {}}`, 'base'],
    [`{"base": "BTC", ${AS_OF}, "rates": {}}`, 'base'],
    [`{"base": "USD", ${AS_OF}}`, 'rates'],
    [`{"base": "USD", ${AS_OF}, "rates": []}`, 'rates'],
    [`{"base": "USD", ${AS_OF}, "rates": {}}`, 'no rates'],
    [`{"base": "USD", ${AS_OF}, "rates": {"USD": 1, "BTC": 2}}`, 'no rates'],
    ['{"base": "USD", "rates": {"EUR": 1}}', '`as_of`, `timestamp` or `date` is missing'],
    ['{"base": "USD", "as_of": "today", "rates": {}}', 'as_of'],
    ['{"base": "USD", "as_of": "2026-02-30T00:00:00Z", "rates": {}}', 'as_of'],
    ['{"base": "USD", "timestamp": "1795780800", "rates": {}}', 'timestamp'],
    ['{"base": "USD", "timestamp": 1795780800123, "rates": {}}', 'timestamp'],
    ['{"base": "USD", "as_of": "2026-11-27T18:05:01Z", "rates": {}}', 'in the future'],
    ['{"base": "USD", "date": "2026-11-28", "rates": {}}', 'in the future'],
  ])('%s is refused, and what is wrong is named', (text, what) => {
    expect(read(text)).toMatch(what);
  });

  test('rates for another currency than was asked for are refused', () => {
    expect(read(`{"base": "EUR", ${AS_OF}, "rates": {"USD": 1.08}}`, 'USD')).toMatch('asked for');
  });
});

describe('the file of the European Central Bank', () => {
  const file = (cubes: string, day = "<Cube time='2026-11-27'>") => `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <Cube>${day}${cubes}</Cube></Cube>
</gesmes:Envelope>`;
  const JPY = "<Cube currency='JPY' rate='162.13'/>";

  test('says what one euro is worth', () => {
    const given = parseEcbRates(file(`<Cube currency='USD' rate='1.0875'/>${JPY}`), { now }) as GivenRates;
    expect(given).toMatchObject({ base: 'EUR', refused: [] });
    expect(given.asOf.toISOString()).toBe('2026-11-27T13:15:00.000Z');
    expect(rateOf(given, 'USD')).toEqual({ numerator: 87n, denominator: 80n });
    expect(rateOf(given, 'JPY')).toEqual({ numerator: 16213n, denominator: 100n });
  });

  test.each([
    ['<html>maintenance</html>', 'names 0 days'],
    [file(''), 'no rates'],
    [file(JPY + JPY), 'twice'],
    [file(JPY, "<Cube time='2026-13-01'>"), 'time'],
    [file(JPY, "<Cube time='2026-11-27'></Cube><Cube time='2026-11-26'>"), 'names 2 days'],
  ])('another text is refused', (text, what) => {
    expect(parseEcbRates(text, { now })).toMatch(what);
  });

  test('a rate that is none is left out', () => {
    const given = parseEcbRates(file(`${JPY}<Cube currency='USD' rate='N/A'/>`), { now });
    expect(given).toMatchObject({ rates: [{ quote: 'JPY' }], refused: [{ quote: 'USD' }] });
  });
});
