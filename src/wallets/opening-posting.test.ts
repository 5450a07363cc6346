import { assertBalanced } from '../ledger/posting.ts';
import { openingPosting } from './opening-posting.ts';

test('an opening balance comes from equity', () => {
  const posting = openingPosting(
    { userId: 7n, walletId: 9n, amountMinor: 100_000n, currency: 'USD' },
    { gateway: 1n, fee: 2n, equity: 3n, suspense: 4n, sales: 5n, fx: 97n },
  );
  expect(() => assertBalanced(posting)).not.toThrow();
  expect(posting).toEqual({
    reference: 'user:7',
    step: 'open',
    userId: 7n,
    legs: [
      { accountId: 3n, balance: 'folded', amountMinor: -100_000n, currency: 'USD' },
      { accountId: 9n, balance: 'kept', amountMinor: 100_000n, currency: 'USD' },
    ],
  });
});
