import { NOTHING_NAMED } from '../../gateway/answers/named-facts.ts';
import { findDifferences } from './find-differences.ts';
import type { GatewayWord } from './gateway-word.ts';
import type { RecordedPayment } from './recorded-payment.ts';

const payment = (changes: Partial<RecordedPayment> = {}): RecordedPayment => ({
  paymentId: 42n,
  userId: 7n,
  walletId: 8n,
  type: 'withdraw',
  amountMinor: 5000n,
  feeMinor: 100n,
  walletPaysFee: true,
  redriveOf: null,
  refundOf: null,
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
  named: { amount: '50.00', currency: 'USD', type: 'withdraw', reference: '42-abc' },
  ...changes,
});
const kinds = (recorded: RecordedPayment, said: GatewayWord) =>
  findDifferences(recorded, said, 'callback').map(({ kind }) => kind);

test.each<[string, Partial<RecordedPayment>, Partial<GatewayWord>, string[]]>([
  ['success and a word of success agree', {}, {}, []],
  ['a gateway that does not say what it moved is believed', {}, { named: NOTHING_NAMED }, []],
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
  [
    'another amount',
    {},
    { named: { ...NOTHING_NAMED, amount: '50.01', currency: 'USD' } },
    ['amount_mismatch'],
  ],
  [
    'another currency',
    {},
    { named: { ...NOTHING_NAMED, amount: '50', currency: 'EUR' } },
    ['amount_mismatch'],
  ],
  [
    'an amount that is none',
    {},
    { named: { ...NOTHING_NAMED, amount: 'fifty', currency: 'USD' } },
    ['amount_mismatch'],
  ],
  [
    'more decimals than there are',
    {},
    { named: { ...NOTHING_NAMED, amount: '50.001', currency: 'USD' } },
    ['amount_mismatch'],
  ],
  ['an amount without a currency', {}, { named: { ...NOTHING_NAMED, amount: '0.5' } }, ['amount_mismatch']],
  ['a currency without an amount', {}, { named: { ...NOTHING_NAMED, currency: 'JPY' } }, ['amount_mismatch']],
  ['the other direction', {}, { named: { ...NOTHING_NAMED, type: 'deposit' } }, ['amount_mismatch']],
  ['a word that is no direction', {}, { named: { ...NOTHING_NAMED, type: 'refund' } }, ['amount_mismatch']],
  ['another payment', {}, { named: { ...NOTHING_NAMED, reference: '43-abc' } }, ['reference_mismatch']],
  ['the same amount with more zeros', {}, { named: { ...NOTHING_NAMED, amount: '50.000' } }, []],
  ['the currency in small letters', {}, { named: { ...NOTHING_NAMED, currency: 'usd' } }, []],
  ['a negative amount', {}, { named: { ...NOTHING_NAMED, amount: '-50' } }, ['amount_mismatch']],
  ['a currency that is none', {}, { named: { ...NOTHING_NAMED, currency: 'QQQ' } }, ['amount_mismatch']],
  ['a second execution under another name', {}, { gatewayReference: 'gw-2' }, ['duplicate']],
  ['a name for a payment that had none', { gatewayReference: null }, { gatewayReference: 'gw-2' }, []],
  [
    'everything at once',
    { status: 'failed' },
    { named: { ...NOTHING_NAMED, amount: '1', reference: '41-abc' } },
    ['amount_mismatch', 'reference_mismatch', 'status_contradiction'],
  ],
])('%s', (_what, recorded, said, expected) => {
  expect(kinds(payment(recorded), word(said))).toEqual(expected);
});

test('the same contradiction has the same key, whoever reports it', () => {
  const failed = payment({ status: 'failed' });
  const [fromCallback] = findDifferences(failed, word(), 'callback');
  const [fromAttempt] = findDifferences(failed, word({ named: NOTHING_NAMED }), 'attempt');
  expect(fromCallback?.dedupeKey).toBe(fromAttempt?.dedupeKey);
  expect(fromCallback).toMatchObject({
    paymentId: 42n,
    ours: { status: 'failed' },
    theirs: { status: 'succeeded' },
  });
});
