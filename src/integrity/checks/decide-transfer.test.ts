import { decideTransfer } from './decide-transfer.ts';
import type { TransferFacts } from './transfer-facts.sql.ts';

const facts: TransferFacts = {
  transferId: 7n,
  amountMinor: 100n,
  currency: 'USD',
  fitsWallets: true,
  postCount: 1,
  otherStepCount: 0,
  fromPostedMinor: -100n,
  toPostedMinor: 100n,
};

test('a transfer that was posted once, to both wallets, is sound', () => {
  expect(decideTransfer(facts)).toEqual([]);
});

test.each<[string, Partial<TransferFacts>, string]>([
  ['too little taken', { fromPostedMinor: -99n }, 'it takes 100 USD, and -99 was posted to the giver'],
  ['too much brought', { toPostedMinor: 101n }, 'it brings 100 USD, and 101 was posted to the receiver'],
  ['two postings', { postCount: 2 }, 'in the ledger: post 2, other 0'],
  ['another step', { otherStepCount: 1 }, 'in the ledger: post 1, other 1'],
  [
    'wallets of another currency or user',
    { fitsWallets: false },
    'its wallets are not both in USD, with the giver a wallet of its user',
  ],
  ['no transfer', { amountMinor: null, currency: null }, 'it was posted, and there is no such transfer'],
])('%s is a violation', (_what, changes, detail) => {
  expect(decideTransfer({ ...facts, ...changes })).toEqual([
    { rule: 'transfer_is_posted', subject: 'transfer:7', fingerprint: detail, detail },
  ]);
});
