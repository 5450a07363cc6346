import { decideTransfer } from './decide-transfer.ts';
import type { TransferFacts } from './transfer-facts.sql.ts';

const facts: TransferFacts = {
  transferId: 7n,
  amountMinor: 100n,
  feeMinor: 0n,
  feePayer: 'sender',
  currency: 'USD',
  fitsWallets: true,
  postCount: 1,
  otherStepCount: 0,
  fromPostedMinor: -100n,
  toPostedMinor: 100n,
  feePostedMinor: 0n,
};

test('a transfer that was posted once, to both wallets, is sound', () => {
  expect(decideTransfer(facts)).toEqual([]);
});

test('a fee is paid on top by the giver, or taken from what the receiver gets', () => {
  const bySender = { feeMinor: 3n, feePostedMinor: 3n, fromPostedMinor: -103n };
  expect(decideTransfer({ ...facts, ...bySender })).toEqual([]);
  const byRecipient = { feeMinor: 3n, feePostedMinor: 3n, toPostedMinor: 97n, feePayer: 'recipient' };
  expect(decideTransfer({ ...facts, ...byRecipient })).toEqual([]);
  expect(decideTransfer({ ...facts, ...bySender, feePayer: 'recipient' })[0]?.detail).toBe(
    'giver: -103 USD posted, -100 expected; receiver: 100 USD posted, 97 expected',
  );
});

test.each<[string, Partial<TransferFacts>, string]>([
  ['a fee that was not posted', { feeMinor: 3n, fromPostedMinor: -103n }, 'fee: 0 USD posted, 3 expected'],
  ['too little taken', { fromPostedMinor: -99n }, 'giver: -99 USD posted, -100 expected'],
  ['too much brought', { toPostedMinor: 101n }, 'receiver: 101 USD posted, 100 expected'],
  ['two postings', { postCount: 2 }, 'in the ledger: post 2, other 0'],
  ['another step', { otherStepCount: 1 }, 'in the ledger: post 1, other 1'],
  [
    'wallets of another currency or user',
    { fitsWallets: false },
    'its wallets are not both in USD, with the giver a wallet of its user',
  ],
  [
    'no transfer',
    { amountMinor: null, feeMinor: null, currency: null },
    'it was posted, and there is no such transfer',
  ],
])('%s is a violation', (_what, changes, detail) => {
  expect(decideTransfer({ ...facts, ...changes })).toEqual([
    { rule: 'transfer_is_posted', subject: 'transfer:7', fingerprint: detail, detail },
  ]);
});
