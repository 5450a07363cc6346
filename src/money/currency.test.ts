import { data } from 'currency-codes';
import {
  currencyScale,
  explainUnusableCurrency,
  isKnownCurrency,
  isRetiredCurrency,
  knownCurrencies,
} from './currency.ts';

/**
 * ISO 4217 as a person writes it down, by the number of decimals; not taken from any package or locale data. When the
 * standard changes, this list is changed by hand, and then the module has to agree.
 */
const NO_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ');
const THREE_DECIMALS = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');
const FOUR_DECIMALS = 'CLF UYW'.split(' ');
const TWO_DECIMALS = `
  AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU
  CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
  KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
  NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
  TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`
  .trim()
  .split(/\s+/);
const IN_USE = [...NO_DECIMALS, ...TWO_DECIMALS, ...THREE_DECIMALS, ...FOUR_DECIMALS];
const RETIRED = 'ANG BGN CUC HRK SLL ZWL'.split(' ');
/** Metals, units of account, codes for tests and for no currency at all: the standard gives them no minor unit. */
const NO_MONEY = 'XAD XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX'.split(' ');

test.each([
  ['no', NO_DECIMALS, 0],
  ['two', TWO_DECIMALS, 2],
  ['three', THREE_DECIMALS, 3],
  ['four', FOUR_DECIMALS, 4],
])('currencies with %s decimals have them, whatever the locale data of this Node says', (_, codes, scale) => {
  expect(codes.map((code) => [code, currencyScale(code)])).toEqual(codes.map((code) => [code, scale]));
});

test('there are no currencies except those of the standard', () => {
  expect(knownCurrencies().toSorted()).toEqual([...IN_USE, ...RETIRED].toSorted());
});

test('no currency of the package is left out by mistake', () => {
  const left = data.map(({ code }) => code).filter((code) => !isKnownCurrency(code));
  expect(left.toSorted()).toEqual(NO_MONEY.filter((code) => code !== 'XAD'));
});

test.each(RETIRED)(
  '%s is retired: money in it keeps its scale, and no new wallet is opened in it',
  (code) => {
    expect(isRetiredCurrency(code)).toBe(true);
    expect(currencyScale(code)).toBe(2);
    expect(explainUnusableCurrency(code)).toMatch(new RegExp(`^must not be ${code}, which was replaced by `));
  },
);

test.each(NO_MONEY)('%s is no currency to pay in', (code) => {
  expect(isKnownCurrency(code)).toBe(false);
  expect(() => currencyScale(code)).toThrow(code);
  expect(explainUnusableCurrency(code)).toBe(
    `must not be ${code}, which is not a currency that people can pay in`,
  );
});

test.each(['XQQ', 'usd', 'US', 'USDT', '', '__proto__', 'constructor', 'toString'])(
  '%p is no currency',
  (code) => {
    expect(isKnownCurrency(code)).toBe(false);
    expect(() => currencyScale(code)).toThrow(RangeError);
  },
);

test('currencies that are in use are not retired, and can be used', () => {
  expect(IN_USE.filter((code) => isRetiredCurrency(code) || explainUnusableCurrency(code))).toEqual([]);
});
