import type { ComparedReference } from './compare-books.sql.ts';
import { decideReference, isEvidence, missingThere, unreadableLine } from './decide-difference.ts';

/** A withdrawal of 50.00 that both sides carried out once. */
const found = (changes: Partial<ComparedReference> = {}): ComparedReference => ({
  reference: '42-abc',
  executedCount: 1,
  isUniform: true,
  type: 'withdraw',
  amountMinor: 5000n,
  currency: 'USD',
  gatewayReference: 'gw-1',
  paymentId: 42n,
  status: 'success',
  isDue: true,
  ourType: 'withdraw',
  ourDirection: 'withdraw',
  ourAmountMinor: 5000n,
  ourCurrency: 'USD',
  ourGatewayReference: 'gw-1',
  ...changes,
});
const NO_PAYMENT = {
  paymentId: null,
  status: null,
  isDue: null,
  ourType: null,
  ourDirection: null,
  ourAmountMinor: null,
  ourCurrency: null,
  ourGatewayReference: null,
};
const differenceOf = (reference: ComparedReference) => {
  const comparison = decideReference(reference);
  return comparison.kind === 'different' ? comparison.difference : comparison.kind;
};

describe('a reference of the book', () => {
  test.each<[string, Partial<ComparedReference>, string]>([
    ['was carried out once on both sides', {}, 'matched'],
    ['was declined there and failed here', { executedCount: 0, status: 'failed' }, 'nothing'],
    ['was declined there and is not known here', { executedCount: 0, ...NO_PAYMENT }, 'nothing'],
    ['is open here', { status: 'new' }, 'in_transit'],
    ['is of unknown outcome here', { status: 'unknown' }, 'in_transit'],
    ['is open here and was carried out twice there', { status: 'new', executedCount: 2 }, 'in_transit'],
    ['succeeded here after the cut-off', { isDue: false, executedCount: 0 }, 'in_transit'],
    ['failed here after the cut-off', { isDue: false, status: 'failed' }, 'in_transit'],
  ])('that %s is no difference', (_what, changes, kind) => {
    expect(decideReference(found(changes))).toEqual({ kind });
  });

  test.each<[string, Partial<ComparedReference>, string, string]>([
    ['was carried out there and is not known here', NO_PAYMENT, 'missing_here', '50 USD'],
    ['was carried out there and failed here', { status: 'failed' }, 'status_contradiction', 'succeeded'],
    ['was declined there and succeeded here', { executedCount: 0 }, 'status_contradiction', 'refused'],
    ['was carried out twice', { executedCount: 2 }, 'duplicate', '2 times'],
    [
      'was carried out twice with another amount',
      { executedCount: 2, amountMinor: 1n },
      'duplicate',
      '2 times',
    ],
    ['has another amount there', { amountMinor: 5001n }, 'amount_mismatch', '50.01 USD'],
    ['has another currency there', { currency: 'EUR' }, 'amount_mismatch', '50 EUR'],
    ['went the other way there', { type: 'deposit' }, 'amount_mismatch', '50 USD deposit'],
    [
      'is in a currency that nobody knows',
      { ...NO_PAYMENT, currency: 'QQQ', amountMinor: 77n },
      'missing_here',
      '77 QQQ',
    ],
  ])('that %s is a difference', (_what, changes, kind, word) => {
    expect(differenceOf(found(changes))).toMatchObject({
      kind,
      source: 'report',
      reference: '42-abc',
      dedupeKey: `${kind}:42-abc:${word}`,
    });
  });

  test('a difference has what both sides say, with money as a decimal', () => {
    expect(differenceOf(found({ amountMinor: 5001n, gatewayReference: 'gw-2' }))).toMatchObject({
      paymentId: 42n,
      ours: {
        status: 'success',
        type: 'withdraw',
        amount: '50',
        currency: 'USD',
        gateway_reference: 'gw-1',
      },
      theirs: {
        status: 'succeeded',
        type: 'withdraw',
        amount: '50.01',
        currency: 'USD',
        gateway_reference: 'gw-2',
      },
    });
  });

  test('without a payment of ours, only what the gateway says is kept', () => {
    expect(differenceOf(found(NO_PAYMENT))).toMatchObject({
      paymentId: null,
      ours: null,
      theirs: { amount: '50' },
    });
  });

  test('a second execution says how often, and whether all of them were the same', () => {
    const [once, twice] = [found({ amountMinor: 1n }), found({ executedCount: 2, isUniform: false })].map(
      differenceOf,
    );
    expect(twice).toMatchObject({ theirs: { status: 'succeeded', count: 2, is_uniform: false } });
    expect(once).not.toMatchObject({ theirs: { count: expect.anything() } });
  });

  test('a payment that the gateway declined does not count as succeeded', () => {
    expect(differenceOf(found({ executedCount: 0 }))).toMatchObject({ theirs: { status: 'refused' } });
  });
});

describe('a line is evidence that money moved', () => {
  test.each(['new', 'unknown', 'failed'] as const)('for a payment that is %s', (status) => {
    expect(isEvidence(found({ status }))).toBe(true);
    expect(isEvidence(found({ status, executedCount: 0 }))).toBe(false);
  });

  test('and not for one that succeeded, or that is not ours', () => {
    expect(isEvidence(found())).toBe(false);
    expect(isEvidence(found(NO_PAYMENT))).toBe(false);
  });
});

test('a settled payment that is missing in the book is named by its reference', () => {
  const payment = {
    paymentId: 42n,
    reference: '42-abc',
    type: 'deposit',
    direction: 'deposit',
    amountMinor: 20_000n,
    currency: 'JPY',
    gatewayReference: 'gw-1',
    isDue: true,
    isThere: false,
  } as const;
  expect(missingThere(payment)).toEqual({
    paymentId: 42n,
    reference: '42-abc',
    kind: 'missing_there',
    source: 'report',
    ours: { status: 'success', type: 'deposit', amount: '20000', currency: 'JPY', gateway_reference: 'gw-1' },
    theirs: null,
    dedupeKey: 'missing_there:42-abc',
  });
});

test.each([
  ['succeeded', 'succeeded'],
  ['declined', 'refused'],
] as const)(
  'a line that %s and whose time cannot be read is reported with its time as it was written',
  (status, told) => {
    const line = {
      line: 9,
      reference: '42-abc',
      type: 'withdraw',
      amountMinor: 5000n,
      currency: 'USD',
      status,
      gatewayReference: 'gw-1',
      unreadableTime: '31 June',
      paymentId: 42n,
    } as const;
    expect(unreadableLine(line)).toMatchObject({
      kind: 'unreadable_line',
      paymentId: 42n,
      theirs: { line: 9, executed_at: '31 June', status: told, amount: '50' },
      dedupeKey: 'unreadable_line:42-abc:31 June',
    });
  },
);
