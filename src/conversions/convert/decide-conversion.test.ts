import { createFunds } from '../../commands/funds.ts';
import { createTally } from '../../commands/tally.ts';
import type { FrozenCredits } from '../../ledger/decide-wallet-state.ts';
import type { WalletState } from '../../ledger/wallet-state.ts';
import type { Quote } from '../quotes/quote.ts';
import {
  type ConversionFacts,
  type ConversionOutcome,
  type ConvertRequest,
  decideConversion,
} from './decide-conversion.ts';

const now = new Date('2026-01-05T12:00:00Z');
const quote: Quote = {
  id: 7n,
  token: '6f1f6a52-8a2e-4f59-9d0c-0d6f6f0a5d11',
  userId: 1n,
  fromWalletId: 20n,
  toWalletId: 21n,
  fromCurrency: 'USD',
  toCurrency: 'EUR',
  fixedSide: 'from',
  fromMinor: 100n,
  toMinor: 91n,
  spreadMinor: 0n,
  mid: { numerator: 91n, denominator: 100n },
  spread: { numerator: 0n, denominator: 100n },
  rateSource: 'http',
  rateAsOf: now,
  createdAt: now,
  expiresAt: now,
  usedAt: null,
};
const facts: ConversionFacts = {
  isThere: true,
  usedAt: null,
  hasExpired: false,
  readAt: '2026-01-05 12:00:00+00',
  positions: [],
};
const render = ({ kind }: ConversionOutcome) => ({ status: 200, body: kind });
const neighbours = (availableMinor = 150n, states: { from?: WalletState; to?: WalletState } = {}) => ({
  funds: createFunds(
    new Map([
      [20n, { availableMinor, state: states.from ?? 'open' }],
      [21n, { availableMinor: 0n, state: states.to ?? 'open' }],
    ]),
  ),
  frozenCredits: 'refuse' as FrozenCredits,
  tally: createTally(),
  render,
});
const idempotency = { key: 'k', fingerprint: Buffer.from('it') };
const decide = (
  changes: Partial<ConversionFacts> = {},
  others = neighbours(),
  asked: Partial<Pick<ConvertRequest, 'quote' | 'idempotency'>> = {},
) => decideConversion({ quote, idempotency, ...asked }, { ...facts, ...changes }, others);

test('a quote that is open and funded is taken in the amounts that were quoted', () => {
  expect(decide()).toMatchObject({
    result: { kind: 'converted' },
    row: {
      kind: 'used',
      quote: { id: 7n, fromMinor: 100n, toMinor: 91n, fromWalletId: 20n, toWalletId: 21n },
      at: facts.readAt,
    },
  });
});

test.each<[string, Partial<ConversionFacts>, string]>([
  ['was used', { usedAt: now }, 'quote_used'],
  ['was used, and has expired since', { usedAt: now, hasExpired: true }, 'quote_used'],
  ['has expired', { hasExpired: true }, 'quote_expired'],
])('a quote that %s is refused, and the refusal is kept', (_what, changes, kind) => {
  const decision = decide(changes);
  expect(decision).toMatchObject({ result: { kind }, kept: { resource: { kind: 'conversion', id: 7n } } });
});

test('a refusal under a key is noted with the quote, so that the quote stays; one without a key is not', () => {
  const row = { kind: 'refused', quote: { id: 7n }, at: facts.readAt };
  expect(decide({ hasExpired: true }).row).toMatchObject(row);
  expect(decide({}, neighbours(99n)).row).toMatchObject(row);
  expect(decide({ hasExpired: true }, neighbours(), { idempotency: null }).row).toBeUndefined();
  // What was used stays by itself, and is never changed again.
  expect(decide({ usedAt: now }).row).toBeUndefined();
});

test('a quote that was removed since it was found is gone, and no key is used for it', () => {
  const decision = decide({ isThere: false, hasExpired: true });
  expect(decision).toEqual({ result: { kind: 'quote_gone' } });
});

test('two who take one quote in a batch: the first gets it', () => {
  const others = neighbours(1000n);
  expect([decide({}, others), decide({}, others)].map(({ result }) => result.kind)).toEqual([
    'converted',
    'quote_used',
  ]);
});

test('what one conversion of a batch takes is not there for the next', () => {
  const others = neighbours(150n);
  decide({}, others);
  expect(decide({}, others, { quote: { ...quote, id: 8n } }).result.kind).toBe('not_funded');
});

test('all that is available can be converted, and not one minor unit more', () => {
  expect(decide({}, neighbours(100n)).result.kind).toBe('converted');
  expect(decide({}, neighbours(99n)).result.kind).toBe('not_funded');
});

test.each([
  ['gives and is frozen', { from: 'frozen' }, { kind: 'wallet_frozen', walletId: 20n }],
  ['gives and is closed', { from: 'closed' }, { kind: 'wallet_closed', walletId: 20n }],
  ['gets and is closed', { to: 'closed' }, { kind: 'wallet_closed', walletId: 21n }],
  ['gets and is frozen, and frozen wallets take nothing in', { to: 'frozen' }, { kind: 'wallet_frozen' }],
] as const)('a wallet that %s refuses the conversion', (_what, states, { kind }) => {
  const others = neighbours(150n, states);
  const decision = decide({}, others);
  expect(decision).toMatchObject({ result: { kind }, row: { kind: 'refused' } });
  expect(others.funds.availableMinor(20n)).toBe(150n);
});

test('a frozen wallet takes in what is converted, where frozen wallets take money in', () => {
  const others = { ...neighbours(150n, { to: 'frozen' }), frozenCredits: 'accept' as FrozenCredits };
  expect(decide({}, others).result.kind).toBe('converted');
});

describe('a position with a limit', () => {
  /** Each conversion adds 100 to the position in USD, and takes 91 from the one in EUR. */
  const position = (currency: string, amountMinor: bigint, limitMinor: bigint) => ({
    positions: [{ currency, amountMinor, limitMinor }],
  });

  test.each<[string, bigint, bigint, boolean]>([
    ['USD', 0n, 100n, true],
    ['USD', 0n, 99n, false],
    ['USD', -300n, 0n, true],
    ['USD', -50n, 49n, false],
    ['EUR', 0n, 91n, true],
    ['EUR', 0n, 90n, false],
    ['EUR', 500n, 100n, true],
    ['EUR', -500n, 100n, false],
    ['JPY', 500n, 0n, true],
  ])('of %s %s, with a limit of %s: a conversion goes through: %s', (currency, amount, limit, passes) => {
    const decision = decide(position(currency, amount, limit));
    expect(decision.result.kind).toBe(passes ? 'converted' : 'position_full');
    if (!passes) expect(decision.row).toMatchObject({ kind: 'refused' });
  });

  test('is taken by one conversion of a batch after the other, and what is refused takes nothing', () => {
    const others = neighbours(10_000n);
    const limited = position('EUR', 0n, 200n);
    const kinds = [7n, 8n, 9n].map((id) => decide(limited, others, { quote: { ...quote, id } }).result.kind);
    expect(kinds).toEqual(['converted', 'converted', 'position_full']);
    const less = { ...quote, id: 10n, toMinor: 18n };
    expect(decide(limited, others, { quote: less }).result.kind).toBe('converted');
    expect(others.funds.availableMinor(20n)).toBe(9700n);
  });

  test('does not count the fee, which is no position', () => {
    const cheap = { ...quote, spreadMinor: 1n };
    expect(decide(position('USD', 0n, 99n), neighbours(), { quote: cheap }).result.kind).toBe('converted');
  });
});
