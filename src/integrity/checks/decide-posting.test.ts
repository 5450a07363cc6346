import { decidePosting } from './decide-posting.ts';
import type { PostedLeg, PostedTransaction } from './posted-legs.sql.ts';

const wallet = (ownerId: bigint, amountMinor: bigint, currency = 'USD'): PostedLeg => ({
  kind: 'wallet',
  ownerId,
  currency,
  amountMinor,
});
const ours = (kind: string, amountMinor: bigint, currency = 'USD'): PostedLeg => ({
  kind,
  ownerId: null,
  currency,
  amountMinor,
});
const nowhere: PostedLeg = { kind: null, ownerId: null, currency: null, amountMinor: 5n };
const posting = (reference: string, step: string, legs: PostedLeg[]): PostedTransaction => ({
  transactionId: 9n,
  reference,
  step,
  userId: 1n,
  legs,
});
const capture = (...legs: PostedLeg[]) => posting('hold:7', 'capture:1', legs);
const transfer = (...legs: PostedLeg[]) => posting('transfer:7', 'post', legs);
const conversion = (...legs: PostedLeg[]) => posting('conversion:7', 'settle', legs);
const got = [ours('fx', -9n, 'EUR'), wallet(1n, 9n, 'EUR')];

test.each<[string, PostedTransaction]>([
  ['a capture for a merchant', capture(wallet(1n, -5n), wallet(2n, 5n))],
  ['a capture for our sales', capture(wallet(1n, -5n), ours('sales', 5n))],
  ['a transfer to another user', transfer(wallet(1n, -5n), wallet(2n, 5n))],
  ['a transfer to the same user', transfer(wallet(1n, -5n), wallet(1n, 5n))],
  ['a transfer with a fee', transfer(wallet(1n, -5n), wallet(2n, 4n), ours('fee', 1n))],
  ['a conversion with a fee', conversion(wallet(1n, -10n), ours('fx', 9n), ours('fee', 1n), ...got)],
  ['a conversion without one', conversion(wallet(1n, -10n), ours('fx', 10n), ...got)],
  ['a conversion that is all fee', conversion(wallet(1n, -10n), ours('fee', 10n), ...got)],
  ['a payment, which has rules of its own', posting('payment:7', 'settle', [ours('sales', 1n)])],
])('%s is sound', (_what, sound) => {
  expect(decidePosting(sound)).toEqual([]);
});

test.each<[string, PostedTransaction]>([
  ['back to the same user', capture(wallet(1n, -5n), wallet(1n, 5n))],
  ['to our fees', capture(wallet(1n, -5n), ours('fee', 5n))],
  ['to an account that is not there', capture(wallet(1n, -5n), nowhere)],
  ['to two at once', capture(wallet(1n, -5n), wallet(2n, 3n), ours('sales', 2n))],
  ['to nobody', capture(wallet(1n, -5n))],
  ['from another user', capture(wallet(3n, -5n), wallet(2n, 5n))],
  ['as another step', posting('hold:7', 'settle', [wallet(1n, -5n), wallet(2n, 5n)])],
])('a capture that is posted %s is a violation', (_where, damaged) => {
  expect(decidePosting(damaged)).toMatchObject([
    { rule: 'capture_reaches_its_target', subject: 'transaction:9' },
  ]);
});

test.each<[string, PostedTransaction]>([
  ['to our sales', transfer(wallet(1n, -5n), ours('sales', 5n))],
  ['to our fees alone', transfer(wallet(1n, -5n), ours('fee', 5n))],
  ['from another user', transfer(wallet(3n, -5n), wallet(2n, 5n))],
  ['from two', transfer(wallet(1n, -3n), wallet(2n, -2n), ours('fee', 5n))],
  ['in another currency', transfer(wallet(1n, -5n), wallet(2n, 5n, 'EUR'))],
  ['to more than one', transfer(wallet(1n, -5n), wallet(2n, 3n), wallet(3n, 2n))],
])('a transfer that is posted %s is a violation', (_where, damaged) => {
  expect(decidePosting(damaged)).toMatchObject([{ rule: 'transfer_has_its_legs', subject: 'transaction:9' }]);
});

test.each<[string, PostedTransaction]>([
  ['past fx', conversion(wallet(1n, -10n), ours('sales', 10n), ...got)],
  [
    'to another user',
    conversion(wallet(1n, -10n), ours('fx', 10n), ours('fx', -9n, 'EUR'), wallet(2n, 9n, 'EUR')),
  ],
  ['in a third currency, too', conversion(wallet(1n, -10n), ours('fx', 10n), ...got, ours('fx', 1n, 'JPY'))],
  ['to nobody', conversion()],
])('a conversion that is posted %s is a violation', (_where, damaged) => {
  expect(decidePosting(damaged)).toMatchObject([
    { rule: 'conversion_has_its_legs', subject: 'transaction:9' },
  ]);
});
