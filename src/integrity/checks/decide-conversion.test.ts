import type { ConversionFacts, LegAmounts, QuotedFacts } from './conversion-facts.sql.ts';
import { decideConversion } from './decide-conversion.ts';

const quoted: QuotedFacts = {
  fromCurrency: 'USD',
  toCurrency: 'EUR',
  fromMinor: 100n,
  toMinor: 91n,
  spreadMinor: 1n,
  isUsed: true,
  isInTime: true,
};
const posted: LegAmounts = { walletFrom: -100n, fxFrom: 99n, feeFrom: 1n, fxTo: -91n, walletTo: 91n };
const nothing: LegAmounts = { walletFrom: 0n, fxFrom: 0n, feeFrom: 0n, fxTo: 0n, walletTo: 0n };
const facts = (changes: Partial<ConversionFacts> = {}): ConversionFacts => ({
  conversionId: 7n,
  quoted,
  settleCount: 1,
  otherStepCount: 0,
  posted,
  ...changes,
});
const detailOf = (changes: Partial<ConversionFacts>) =>
  decideConversion(facts(changes)).map(({ detail }) => detail);

test('a conversion that was posted as it was quoted is sound, and so is a quote that nobody took', () => {
  expect(decideConversion(facts())).toEqual([]);
  const untaken = { quoted: { ...quoted, isUsed: false, isInTime: false }, settleCount: 0, posted: nothing };
  expect(decideConversion(facts(untaken))).toEqual([]);
});

test.each<[keyof LegAmounts, string]>([
  ['walletFrom', 'wallet that gives: -99 USD posted, -100 quoted'],
  ['fxFrom', 'fx that gets: 100 USD posted, 99 quoted'],
  ['feeFrom', 'fee: 2 USD posted, 1 quoted'],
  ['fxTo', 'fx that gives: -90 EUR posted, -91 quoted'],
  ['walletTo', 'wallet that gets: 92 EUR posted, 91 quoted'],
])('an amount of %s that is not the quoted one is a violation', (leg, detail) => {
  const violations = decideConversion(facts({ posted: { ...posted, [leg]: posted[leg] + 1n } }));
  expect(violations).toEqual([
    { rule: 'conversion_is_as_quoted', subject: 'conversion:7', fingerprint: detail, detail },
  ]);
});

test('a quote that was not used in time, not posted, or posted twice is a violation', () => {
  expect(detailOf({ quoted: { ...quoted, isInTime: false } })).toEqual([
    'its quote was used after it had expired',
  ]);
  expect(detailOf({ settleCount: 0, posted: nothing })[0]).toContain('in the ledger: settle 0, other 0');
  expect(detailOf({ settleCount: 2 })).toEqual(['in the ledger: settle 2, other 0']);
  expect(detailOf({ otherStepCount: 1 })).toEqual(['in the ledger: settle 1, other 1']);
});

test('a posting of a quote that nobody took, or that is not there, is a violation', () => {
  expect(detailOf({ quoted: { ...quoted, isUsed: false } })).toEqual([
    'it was posted, and its quote was not used',
  ]);
  expect(detailOf({ quoted: null })).toEqual(['it was posted, and there is no such quote']);
});
