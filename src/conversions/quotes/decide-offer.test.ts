import type { ExchangeRate } from '../rates/exchange-rate.ts';
import { decideOffer, type OfferFacts, type OfferRequest } from './decide-offer.ts';

const now = new Date('2026-01-05T12:00:00Z');
const rate = (changes: Partial<ExchangeRate> = {}): ExchangeRate => ({
  id: 1n,
  source: 'http',
  base: 'USD',
  quote: 'EUR',
  state: 'current',
  isFirst: false,
  value: { numerator: 9154n, denominator: 10_000n },
  asOf: now,
  fetchedAt: now,
  approvedAt: null,
  approvedBy: null,
  approvedReason: null,
  refusedAt: null,
  refusedBy: null,
  refusedReason: null,
  ...changes,
});
const request: OfferRequest = {
  userId: 1n,
  fromWalletId: null,
  toWalletId: null,
  fromCurrency: 'USD',
  toCurrency: 'EUR',
  fixedSide: 'from',
  amountMinor: 10_000n,
};
const facts: OfferFacts = {
  hasUser: true,
  fromWallet: { walletId: 20n, state: 'open' },
  toWallet: { walletId: 21n, state: 'open' },
  openCount: 0,
  rates: [rate()],
  now,
};
const freshness = {
  calendar: 'every_day' as const,
  holidays: new Set<string>(),
  maxAgeMs: 1000,
  hardMaxAgeMs: 1000,
};
const decide = (changes: Partial<OfferFacts> = {}, asked: Partial<OfferRequest> = {}) =>
  decideOffer(
    { ...request, ...asked },
    { ...facts, ...changes },
    { spread: { numerator: 5n, denominator: 1000n }, freshness, maxOpen: 2, frozenCredits: 'refuse' },
  );

test('a user is offered both amounts, with what they come from', () => {
  expect(decide()).toMatchObject({
    kind: 'offered',
    offered: {
      fromWalletId: 20n,
      toWalletId: 21n,
      fromMinor: 10_000n,
      toMinor: 9108n,
      spreadMinor: 50n,
      rateAsOf: now,
    },
  });
});

test.each<[string, Partial<OfferFacts>, object]>([
  ['nobody', { hasUser: false }, { kind: 'user_not_found' }],
  ['a user without the wallet that gives', { fromWallet: null }, { kind: 'wallet_not_found', side: 'from' }],
  ['a user without the wallet that gets', { toWallet: null }, { kind: 'wallet_not_found', side: 'to' }],
  [
    'a wallet that is frozen',
    { fromWallet: { walletId: 20n, state: 'frozen' } },
    { kind: 'wallet_frozen', walletId: 20n, side: 'from' },
  ],
  [
    'a wallet that takes nothing in',
    { toWallet: { walletId: 21n, state: 'frozen' } },
    { kind: 'wallet_frozen', walletId: 21n, side: 'to' },
  ],
  [
    'a wallet that is closed',
    { toWallet: { walletId: 21n, state: 'closed' } },
    { kind: 'wallet_closed', walletId: 21n, side: 'to' },
  ],
  ['a pair without a rate', { rates: [] }, { kind: 'rate_unknown' }],
  ['a pair whose rate is held', { rates: [rate(), rate({ state: 'held' })] }, { kind: 'rate_held' }],
  [
    'a pair whose rate is old',
    { rates: [rate({ asOf: new Date(now.getTime() - 1001) })] },
    { kind: 'rate_stale' },
  ],
  ['a user with as many quotes as there may be', { openCount: 2 }, { kind: 'too_many_quotes', maxOpen: 2 }],
])('%s is offered nothing', (_who, changes, expected) => {
  expect(decide(changes)).toMatchObject(expected);
});

test('an amount that comes to nothing, or to too much, is no offer', () => {
  expect(decide({}, { amountMinor: 1n })).toEqual({ kind: 'too_small' });
  expect(decide({}, { fixedSide: 'to', amountMinor: 10n ** 13n })).toEqual({ kind: 'too_large' });
});
