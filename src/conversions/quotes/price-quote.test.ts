import fc from 'fast-check';
import { currencyScale } from '../../money/currency.ts';
import { MAX_AMOUNT_MINOR } from '../../money/decimal-amount.ts';
import { type Fraction, invert, parseFraction } from '../../money/fraction.ts';
import { parsePercent } from '../../money/percent.ts';
import { priceQuote, type QuoteTerms } from './price-quote.ts';

const NO_SPREAD = { numerator: 0n, denominator: 100n };
const rate = (text: string) => parseFraction(text) as Fraction;
const percent = (text: string) => parsePercent(text) ?? NO_SPREAD;

/** What is given and got, in minor units. */
function priced(route: string, fixed: string, mid: string, spread = '0'): string {
  const [fromCurrency = '', toCurrency = ''] = route.split(' ');
  const [side, amount = ''] = fixed.split(' ');
  const result = priceQuote({
    fromCurrency,
    toCurrency,
    fixedSide: side as 'from' | 'to',
    amountMinor: BigInt(amount),
    mid: rate(mid),
    spread: percent(spread),
  });
  if (result.kind !== 'priced') return result.kind;
  return `${result.fromMinor} ${result.toMinor} ${result.spreadMinor}`;
}

test.each([
  ['USD EUR', 'from 10000', '0.9154', '0.5', '10000 9108 50'],
  ['USD EUR', 'to 9108', '0.9154', '0.5', '10000 9108 50'],
  ['USD JPY', 'from 10000', '150.25', '0', '10000 15025 0'],
  ['JPY USD', 'from 15025', '0.00665557', '0', '15025 9999 0'],
  ['JPY KWD', 'from 1', '0.002', '0', '1 2 0'],
  ['JPY KWD', 'from 1', '0.0009', '0', 'too_small'],
  ['KWD JPY', 'from 1', '490', '0', 'too_small'],
  ['KWD JPY', 'from 3', '490', '0', '3 1 0'],
  ['KWD JPY', 'to 1', '490', '0', '3 1 0'],
  ['USD JPY', 'from 1', '150', '0', '1 1 0'],
  ['USD JPY', 'from 1', '150', '50', 'too_small'],
  ['USD JPY', 'to 1', '150', '0', '1 1 0'],
  ['VND USD', 'from 100000000000', '0.0000004', '0', '100000000000 4000000 0'],
  ['VND USD', 'to 1', '0.0000004', '0', '25000 1 0'],
  ['USD VND', 'to 1', '25000', '0.5', '1 1 0'],
  ['USD EUR', `from ${MAX_AMOUNT_MINOR}`, '1', '0', `${MAX_AMOUNT_MINOR} ${MAX_AMOUNT_MINOR} 0`],
  ['USD EUR', `from ${MAX_AMOUNT_MINOR}`, '1.0000000000001', '0', 'too_large'],
  ['USD JPY', `to ${MAX_AMOUNT_MINOR}`, '0.99', '0', 'too_large'],
  ['USD EUR', 'from 100', '1', '99.999999', 'too_small'],
  ['USD CLF', 'from 100', '0.025', '0', '100 250 0'],
])('%s, %s at %s with a spread of %s %%: %s', (route, fixed, mid, spread, expected) => {
  expect(priced(route, fixed, mid, spread)).toBe(expected);
});

const currencies = fc.constantFrom('USD', 'JPY', 'KWD', 'CLF');
const mids = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 12n }))
  .map(([numerator, denominator]) => ({ numerator, denominator }));
const spreads = fc.constantFrom('0', '0.5', '1.75', '37', '0.000001').map(percent);
const amounts = fc.oneof(
  fc.bigInt({ min: 1n, max: 100n }),
  fc.bigInt({ min: 1n, max: MAX_AMOUNT_MINOR }),
  fc.bigInt({ min: MAX_AMOUNT_MINOR - 10n, max: MAX_AMOUNT_MINOR }),
);
const terms = fc.record<QuoteTerms>({
  fromCurrency: currencies,
  toCurrency: currencies,
  fixedSide: fc.constantFrom('from', 'to'),
  amountMinor: amounts,
  mid: mids,
  spread: spreads,
});

test('the amount that was named is never changed, and the other one is within one minor unit, in favour of the house', () => {
  fc.assert(
    fc.property(terms, (given) => {
      const result = priceQuote(given);
      if (result.kind !== 'priced') return;
      const { fromMinor, toMinor, spreadMinor } = result;
      expect(given.fixedSide === 'from' ? fromMinor : toMinor).toBe(given.amountMinor);
      expect(spreadMinor >= 0n && spreadMinor <= fromMinor).toBe(true);
      // to <= from * rate, cross-multiplied; and one minor unit more of the computed side would not hold.
      const { mid, spread } = given;
      const up =
        mid.numerator *
        (spread.denominator - spread.numerator) *
        10n ** BigInt(currencyScale(given.toCurrency));
      const down = mid.denominator * spread.denominator * 10n ** BigInt(currencyScale(given.fromCurrency));
      expect(toMinor * down <= fromMinor * up).toBe(true);
      if (given.fixedSide === 'from') expect((toMinor + 1n) * down > fromMinor * up).toBe(true);
      else expect(toMinor * down > (fromMinor - 1n) * up).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('a round trip never gains, whichever side is named and whatever the rate is', () => {
  fc.assert(
    fc.property(terms, fc.boolean(), (there, doesNameWhatIsGot) => {
      const out = priceQuote(there);
      if (out.kind !== 'priced') return;
      const back = {
        ...there,
        fromCurrency: there.toCurrency,
        toCurrency: there.fromCurrency,
        mid: invert(there.mid),
      };
      const home = priceQuote({ ...back, fixedSide: 'from', amountMinor: out.toMinor });
      if (home.kind === 'priced') expect(home.toMinor <= out.fromMinor).toBe(true);
      if (!doesNameWhatIsGot) return;
      // To get back one minor unit more than was given costs more than was got.
      const more = priceQuote({ ...back, fixedSide: 'to', amountMinor: out.fromMinor + 1n });
      if (more.kind === 'priced') expect(more.fromMinor > out.toMinor).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
