import type { GatewayDirection } from '../gateway/answers/named-facts.ts';
import { type DifferenceToPost, decideSuspense } from './decide-suspense.ts';
import type { Statement } from './difference.ts';

const OURS = {
  status: 'success',
  direction: 'withdraw' as GatewayDirection,
  amountMinor: 5000n,
  currency: 'USD',
};
const THEIRS: Statement = { status: 'succeeded', type: 'withdraw', amount: '50.00', currency: 'USD' };

/** By currency, what is posted; or the reason for which nothing is. */
const decide = (
  kind: DifferenceToPost['kind'],
  payment: Partial<typeof OURS> | null,
  theirs: Readonly<Record<string, string | number | boolean | null | undefined>> | null,
) => {
  const decision = decideSuspense({
    kind,
    payment: payment && { ...OURS, ...payment },
    theirs: theirs && ({ ...THEIRS, ...theirs } as Statement),
  });
  return decision.kind === 'post' ? Object.fromEntries(decision.deltas) : decision.reason;
};

describe('what the gateway moved and we did not is posted', () => {
  test.each([
    ['a withdrawal', 'withdraw', -5000n],
    ['a deposit', 'deposit', 5000n],
  ])('%s that we do not know', (_what, type, delta) => {
    expect(decide('missing_here', null, { type })).toEqual({ USD: delta });
  });

  test('a withdrawal that failed here', () => {
    expect(decide('status_contradiction', { status: 'failed' }, {})).toEqual({ USD: -5000n });
  });

  test('what the difference does not name is taken from our payment', () => {
    const theirs = { type: null, amount: null, currency: null };
    expect(decide('status_contradiction', { status: 'failed' }, theirs)).toEqual({ USD: -5000n });
    expect(decide('status_contradiction', { status: 'failed' }, { ...theirs, currency: 'usd' })).toEqual({
      USD: -5000n,
    });
  });
});

describe('what we moved and the gateway did not is taken back', () => {
  test.each([
    ['a withdrawal that its book does not have', 'missing_there', 'withdraw', null, 5000n],
    ['a deposit that its book does not have', 'missing_there', 'deposit', null, -5000n],
    ['a withdrawal that it declined', 'status_contradiction', 'withdraw', { status: 'refused' }, 5000n],
  ] as const)('%s', (_what, kind, direction, theirs, delta) => {
    expect(decide(kind, { direction }, theirs)).toEqual({ USD: delta });
  });
});

describe('where both moved, what one of them moved more is posted', () => {
  test('of another amount', () => {
    expect(decide('amount_mismatch', {}, { amount: '60.00' })).toEqual({ USD: -1000n });
    expect(decide('amount_mismatch', {}, { amount: '49.99' })).toEqual({ USD: 1n });
    expect(decide('amount_mismatch', {}, { amount: '0.01' })).toEqual({ USD: 4999n });
  });

  test('in the other direction', () => {
    expect(decide('amount_mismatch', {}, { type: 'deposit' })).toEqual({ USD: 10_000n });
  });

  test('in another currency, both of them', () => {
    expect(decide('amount_mismatch', {}, { currency: 'EUR' })).toEqual({ USD: 5000n, EUR: -5000n });
  });

  test('a second execution counts once more than the one that we know', () => {
    expect(decide('duplicate', {}, {})).toEqual({ USD: -5000n });
    expect(decide('duplicate', {}, { count: 3, is_uniform: true })).toEqual({ USD: -10_000n });
  });
});

describe('nothing is posted', () => {
  test.each(['new', 'unknown'])('for a payment that is %s', (status) => {
    expect(decide('amount_mismatch', { status }, {})).toMatch(/still open/);
  });

  test.each<[string, DifferenceToPost['kind'], object, RegExp]>([
    ['what is about another payment', 'reference_mismatch', { amount: '60.00' }, /another payment/],
    ['a line whose time cannot be read', 'unreadable_line', { amount: '60.00' }, /compared like/],
    ['executions of different amounts', 'duplicate', { count: 2, is_uniform: false }, /different amounts/],
    ['what both sides moved', 'status_contradiction', {}, /moved the same/],
    ['an amount that cannot be read', 'amount_mismatch', { amount: 'fifty' }, /lacks the type/],
    ['an amount of too many decimals', 'amount_mismatch', { amount: '50.001' }, /lacks the type/],
    ['no amount at all', 'amount_mismatch', { amount: '0.00' }, /lacks the type/],
    ['an amount that is no text', 'amount_mismatch', { amount: 60 }, /lacks the type/],
    ['a currency that nobody knows', 'amount_mismatch', { currency: 'QQQ' }, /lacks the type/],
    ['a type that is neither of ours', 'amount_mismatch', { type: 'refund' }, /lacks the type/],
  ])('for %s', (_what, kind, theirs, reason) => {
    expect(decide(kind, {}, theirs as Record<string, string>)).toMatch(reason);
  });

  test('for an unknown payment of which not everything is known', () => {
    for (const theirs of [{ type: null }, { amount: null }, { currency: null }])
      expect(decide('missing_here', null, theirs)).toMatch(/lacks the type/);
  });

  test('for a payment that failed here and was declined there', () => {
    expect(decide('status_contradiction', { status: 'failed' }, { status: 'refused' })).toMatch(
      /moved the same/,
    );
  });
});
