import { findDifferences, type GatewayWord } from './find-differences.ts';
import type { RecordedPayment } from './recorded-payment.ts';

const payment = (changes: Partial<RecordedPayment> = {}): RecordedPayment => ({
  paymentId: 42n,
  userId: 7n,
  walletId: 8n,
  type: 'withdraw',
  amountMinor: 5000n,
  feeMinor: 100n,
  currency: 'USD',
  reference: '42-abc',
  status: 'success',
  gatewayReference: 'gw-1',
  hasSucceededAttempt: false,
  createdAt: new Date(0),
  ...changes,
});
const word = (changes: Partial<GatewayWord> = {}): GatewayWord => ({
  status: 'succeeded',
  gatewayReference: 'gw-1',
  moved: { amount: '50.00', currency: 'USD' },
  ...changes,
});
const kinds = (recorded: RecordedPayment, said: GatewayWord) =>
  findDifferences(recorded, said, 'callback').map(({ kind }) => kind);

test.each<[string, Partial<RecordedPayment>, Partial<GatewayWord>, string[]]>([
  ['success and a word of success agree', {}, {}, []],
  ['a gateway that does not say what it moved is believed', {}, { moved: null }, []],
  ['failure and a refusal agree', { status: 'failed', gatewayReference: null }, { status: 'refused' }, []],
  ['an open payment agrees with success', { status: 'new' }, {}, []],
  ['an open payment agrees with a refusal', { status: 'unknown' }, { status: 'refused' }, []],
  ['a failed payment that succeeded there', { status: 'failed' }, {}, ['status_contradiction']],
  ['a successful payment that was refused there', {}, { status: 'refused' }, ['status_contradiction']],
  [
    'an open payment that is refused after a call was answered with success',
    { status: 'unknown', hasSucceededAttempt: true },
    { status: 'refused' },
    ['status_contradiction'],
  ],
  ['another amount', {}, { moved: { amount: '50.01', currency: 'USD' } }, ['amount_mismatch']],
  ['another currency', {}, { moved: { amount: '50', currency: 'EUR' } }, ['amount_mismatch']],
  ['an amount that is none', {}, { moved: { amount: 'fifty', currency: 'USD' } }, ['amount_mismatch']],
  ['more decimals than there are', {}, { moved: { amount: '50.001', currency: 'USD' } }, ['amount_mismatch']],
  ['a second execution under another name', {}, { gatewayReference: 'gw-2' }, ['duplicate']],
  ['a name for a payment that had none', { gatewayReference: null }, { gatewayReference: 'gw-2' }, []],
  [
    'everything at once',
    { status: 'failed' },
    { moved: { amount: '1', currency: 'USD' } },
    ['amount_mismatch', 'status_contradiction'],
  ],
])('%s', (_what, recorded, said, expected) => {
  expect(kinds(payment(recorded), word(said))).toEqual(expected);
});

test('the same contradiction has the same key, whoever reports it', () => {
  const failed = payment({ status: 'failed' });
  const [fromCallback] = findDifferences(failed, word(), 'callback');
  const [fromAttempt] = findDifferences(failed, word({ moved: null }), 'attempt');
  expect(fromCallback?.dedupeKey).toBe(fromAttempt?.dedupeKey);
  expect(fromCallback).toMatchObject({
    paymentId: 42n,
    ours: { status: 'failed' },
    theirs: { status: 'succeeded' },
  });
});
