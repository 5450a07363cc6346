import { decidePayment, decideTask } from './decide-payment.ts';
import type { PaymentFacts, RefundedFacts } from './payment-facts.sql.ts';

/** A withdrawal of 50 with a fee of 1, as it is after it was accepted. */
const open = (changes: Partial<PaymentFacts> = {}): PaymentFacts => ({
  paymentId: 42n,
  type: 'withdraw',
  status: 'new',
  amountMinor: 5000n,
  feeMinor: 100n,
  walletId: 7n,
  heldMinor: 5100n,
  settleCount: 0,
  otherStepCount: 0,
  walletPosted: '0',
  hasTask: true,
  hasInquiry: false,
  refundOf: null,
  ...changes,
});
const settled = (changes: Partial<PaymentFacts> = {}) =>
  open({
    status: 'success',
    heldMinor: 0n,
    settleCount: 1,
    walletPosted: '-5100',
    hasTask: false,
    ...changes,
  });
const failed = (changes: Partial<PaymentFacts> = {}) =>
  open({ status: 'failed', heldMinor: 0n, hasTask: false, ...changes });
/** A refund of 50 that gives back 1 of the fee. */
const refund = (deposit: Partial<RefundedFacts> = {}, changes: Partial<PaymentFacts> = {}) =>
  open({
    type: 'refund',
    heldMinor: 4900n,
    refundOf: {
      paymentId: 41n,
      type: 'deposit',
      status: 'success',
      walletId: 7n,
      amountMinor: 20_000n,
      feeMinor: 400n,
      refundedMinor: 5000n,
      refundedFeeMinor: 100n,
      ...deposit,
    },
    ...changes,
  });
const rulesOf = (payment: PaymentFacts) => decidePayment(payment).map(({ rule }) => rule);

test.each<[string, PaymentFacts]>([
  ['an open withdrawal that holds its amount and fee', open()],
  ['an open deposit, which holds nothing', open({ type: 'deposit', heldMinor: 0n })],
  [
    'a withdrawal of unknown outcome that is asked about',
    open({ status: 'unknown', hasTask: false, hasInquiry: true }),
  ],
  ['a withdrawal of unknown outcome that is in the queue again', open({ status: 'unknown' })],
  ['a withdrawal that took its amount and fee', settled()],
  ['a deposit that brought its amount less the fee', settled({ type: 'deposit', walletPosted: '4900' })],
  ['a payment that failed and moved nothing', failed()],
  ['an open refund, which holds its amount less what it gives back of the fee', refund()],
  [
    'a refund that took just that',
    refund({}, { status: 'success', heldMinor: 0n, settleCount: 1, walletPosted: '-4900', hasTask: false }),
  ],
  ['a refund of the rest of its deposit', refund({ refundedMinor: 20_000n, refundedFeeMinor: 400n })],
])('%s is whole', (_what, payment) => {
  expect(decidePayment(payment)).toEqual([]);
});

test.each<[string, PaymentFacts, string[]]>([
  [
    'settled twice',
    settled({ settleCount: 2, walletPosted: '-10200' }),
    ['payment_settled_once', 'status_agrees_with_ledger'],
  ],
  [
    'settled twice with the money of once',
    settled({ settleCount: 2 }),
    ['payment_settled_once', 'status_agrees_with_ledger'],
  ],
  [
    'successful without a posting',
    settled({ settleCount: 0, walletPosted: '0' }),
    ['status_agrees_with_ledger'],
  ],
  ['settled with a minor unit too much', settled({ walletPosted: '-5101' }), ['status_agrees_with_ledger']],
  ['settled in the wrong direction', settled({ walletPosted: '5100' }), ['status_agrees_with_ledger']],
  ['settled without its fee', settled({ walletPosted: '-5000' }), ['status_agrees_with_ledger']],
  ['posted in another step', settled({ otherStepCount: 1 }), ['status_agrees_with_ledger']],
  [
    'failed, and settled all the same',
    failed({ settleCount: 1, walletPosted: '-5100' }),
    ['status_agrees_with_ledger'],
  ],
  [
    'open, and settled already',
    open({ settleCount: 1, walletPosted: '-5100' }),
    ['status_agrees_with_ledger'],
  ],
  ['an open withdrawal that holds nothing', open({ heldMinor: 0n }), ['payment_holds_its_money']],
  ['an open withdrawal that holds no fee', open({ heldMinor: 5000n }), ['payment_holds_its_money']],
  ['an open deposit that holds', open({ type: 'deposit' }), ['payment_holds_its_money']],
  [
    'of unknown outcome, and holding nothing',
    open({ status: 'unknown', heldMinor: 0n }),
    ['payment_holds_its_money'],
  ],
  ['settled, and still holding', settled({ heldMinor: 5100n }), ['payment_holds_its_money']],
  ['failed, and still holding', failed({ heldMinor: 1n }), ['payment_holds_its_money']],
  ['new without a task', open({ hasTask: false }), ['open_payment_has_work']],
  [
    'new with a question, which carries nothing out',
    open({ hasTask: false, hasInquiry: true }),
    ['open_payment_has_work'],
  ],
  ['unknown, and nobody asks', open({ status: 'unknown', hasTask: false }), ['open_payment_has_work']],
  ['settled, and still in the queue', settled({ hasTask: true }), ['ended_payment_has_no_work']],
  ['failed, and still in the queue', failed({ hasTask: true }), ['ended_payment_has_no_work']],
  ['a refund that holds the whole amount', refund({}, { heldMinor: 5000n }), ['payment_holds_its_money']],
  ['a refund of nothing', refund({}, { refundOf: null }), ['refunds_fit_their_deposit']],
  ['a refund of a withdrawal', refund({ type: 'withdraw' }), ['refunds_fit_their_deposit']],
  ['a refund of a deposit that failed', refund({ status: 'failed' }), ['refunds_fit_their_deposit']],
  ['a refund from another wallet', refund({ walletId: 8n }), ['refunds_fit_their_deposit']],
  ['one refund too many', refund({ refundedMinor: 20_001n }), ['refunds_fit_their_deposit']],
  ['a refund of too much fee', refund({ refundedFeeMinor: 401n }), ['refunds_fit_their_deposit']],
])('a payment that is %s violates what must hold', (_what, payment, rules) => {
  expect(rulesOf(payment)).toEqual(rules);
});

test('a violation names the payment, and says what is expected', () => {
  expect(decidePayment(settled({ walletPosted: '-5101' }))).toEqual([
    {
      rule: 'status_agrees_with_ledger',
      subject: 'payment:42',
      fingerprint: expect.any(String),
      detail: 'success withdraw; in the ledger: settle 1, other 0; wallet posted -5101, expected -5100',
    },
  ]);
});

test.each(['new', 'unknown'])('a task may be there for a payment that is %s', (status) => {
  expect(decideTask({ paymentId: 42n, status })).toEqual([]);
});

test.each([
  ['success', 'payment:42', 'success, and still in the queue'],
  ['failed', 'payment:42', 'failed, and still in the queue'],
  [null, 'task:42', 'a task without a payment'],
])('a task for a payment that is %s is a violation', (status, subject, detail) => {
  expect(decideTask({ paymentId: 42n, status })).toEqual([
    { rule: 'ended_payment_has_no_work', subject, fingerprint: detail, detail },
  ]);
});
