import { decideHold } from './decide-hold.ts';
import type { HoldFacts } from './hold-facts.sql.ts';

const hold = (changes: Partial<HoldFacts> = {}): HoldFacts => ({
  userId: 3n,
  purpose: 'payment',
  subjectId: 42n,
  accountId: 7n,
  amountMinor: 5100n,
  currency: 'USD',
  paymentStatus: 'new',
  paymentType: 'withdraw',
  walletId: 7n,
  paymentCurrency: 'USD',
  ...changes,
});

test.each(['new', 'unknown'])('a hold for a withdrawal that is %s is right', (paymentStatus) => {
  expect(decideHold(hold({ paymentStatus }))).toEqual([]);
});

test.each<[string, Partial<HoldFacts>, string]>([
  [
    'a payment that this user does not have',
    { paymentStatus: null, paymentType: null, walletId: null, paymentCurrency: null },
    'for payment 42, and this user has no such payment',
  ],
  ['a deposit', { paymentType: 'deposit' }, 'for payment 42, which is a deposit'],
  ['a withdrawal that succeeded', { paymentStatus: 'success' }, 'for payment 42, which is success'],
  ['a withdrawal that failed', { paymentStatus: 'failed' }, 'for payment 42, which is failed'],
  ['a withdrawal from another wallet', { walletId: 8n }, 'for payment 42, which is made from account 8'],
  ['a withdrawal in another currency', { paymentCurrency: 'EUR' }, 'for payment 42, which is in EUR'],
])('a hold for %s is a violation', (_what, changes, fault) => {
  const detail = `5100 USD of account 7 are held ${fault}`;
  expect(decideHold(hold(changes))).toEqual([
    { rule: 'hold_has_its_payment', subject: 'hold:3:payment:42', fingerprint: detail, detail },
  ]);
});
