import fc from 'fast-check';
import { assertBalanced, mergeLegs, type Posting, sumBalanceChanges } from '../../ledger/posting.ts';
import { kindOf, PAYMENT_TYPES } from './payment-kinds.ts';
import { holdOf, type PostedPayment, settlePosting } from './payment-postings.ts';

const accounts = { gateway: 1n, fee: 2n, equity: 3n, suspense: 4n, sales: 5n, fx: 97n };
const WALLET = 9n;

function payment(changes: Partial<PostedPayment>): PostedPayment {
  return {
    paymentId: 42n,
    userId: 7n,
    walletId: WALLET,
    type: 'deposit',
    amountMinor: 20_000n,
    feeMinor: 400n,
    currency: 'USD',
    ...changes,
  };
}

/** What each account has more of. */
function amountsOf({ legs }: Posting): Record<string, bigint> {
  const nameOf = new Map([
    [WALLET, 'wallet'],
    ...Object.entries(accounts).map(([name, id]) => [id, name] as const),
  ]);
  return Object.fromEntries(mergeLegs(legs).map((leg) => [nameOf.get(leg.accountId), leg.amountMinor]));
}

test('a deposit holds nothing, and gives the wallet its amount less the fee when it is settled', () => {
  const deposit = payment({});
  expect(holdOf(deposit)).toBeUndefined();
  const posting = settlePosting(deposit, accounts);
  expect(posting).toMatchObject({ reference: 'payment:42', step: 'settle', userId: 7n });
  expect(amountsOf(posting)).toEqual({ gateway: -20_000n, wallet: 19_600n, fee: 400n });
});

test('a withdrawal holds its amount and fee, and takes just that from the wallet when it is settled', () => {
  const withdrawal = payment({ type: 'withdraw', amountMinor: 5000n, feeMinor: 100n });
  expect(holdOf(withdrawal)).toEqual({
    userId: 7n,
    accountId: WALLET,
    purpose: 'payment',
    subjectId: 42n,
    amountMinor: 5100n,
    currency: 'USD',
    expiresAt: null,
  });
  expect(amountsOf(settlePosting(withdrawal, accounts))).toEqual({
    wallet: -5100n,
    gateway: 5000n,
    fee: 100n,
  });
});

test.each(PAYMENT_TYPES)(
  '%s: a kind that needs no funds holds nothing of its wallet, and one that does holds something',
  (type) => {
    const { needsFunds, neededMinor } = kindOf(type);
    const needed = neededMinor({ amountMinor: 5000n, feeMinor: 100n });
    expect(needed > 0n).toBe(needsFunds);
    expect(needed >= 0n).toBe(true);
  },
);

test('a fee that rounds to nothing is no entry', () => {
  const posting = settlePosting(payment({ amountMinor: 3n, feeMinor: 0n }), accounts);
  expect(mergeLegs(posting.legs).map(({ accountId }) => accountId)).toEqual([accounts.gateway, WALLET]);
});

test('whatever is settled sums to zero in its one currency, and takes from the wallet what was held', () => {
  const payments = fc
    .record({
      type: fc.constantFrom('deposit' as const, 'withdraw' as const),
      amountMinor: fc.bigInt({ min: 1n, max: 10n ** 13n }),
      feeShare: fc.bigInt({ min: 0n, max: 100n }),
      currency: fc.constantFrom('USD', 'JPY', 'KWD'),
    })
    .map(({ feeShare, ...given }) => payment({ ...given, feeMinor: (given.amountMinor * feeShare) / 100n }));
  fc.assert(
    fc.property(payments, (given) => {
      const posting = settlePosting(given, accounts);
      assertBalanced(posting);
      expect(posting.legs.every(({ currency }) => currency === given.currency)).toBe(true);
      const [change] = sumBalanceChanges([posting], []);
      const hold = holdOf(given);
      if (hold) expect(change).toMatchObject({ accountId: WALLET, postedMinor: -hold.amountMinor });
      else expect(change?.postedMinor ?? 0n).toBe(given.amountMinor - given.feeMinor);
    }),
  );
});
