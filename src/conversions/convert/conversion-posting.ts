import type { Posting } from '../../ledger/posting.ts';
import type { SystemAccounts } from '../../ledger/system-accounts.ts';
import type { Quote } from '../quotes/quote.ts';

/** A used quote, with the two wallets of the conversion. */
export interface UsedQuote
  extends Pick<
    Quote,
    | 'id'
    | 'userId'
    | 'fromWalletId'
    | 'toWalletId'
    | 'fromCurrency'
    | 'toCurrency'
    | 'fromMinor'
    | 'toMinor'
    | 'spreadMinor'
  > {}

/** No money changes its currency: what the user gives goes to `fx` in one currency, and what the user gets comes from `fx` in the other. */
export function conversionPosting(
  quote: UsedQuote,
  accountsOf: (currency: string) => Pick<SystemAccounts, 'fx' | 'fee'>,
): Posting {
  const { fromCurrency, toCurrency, fromMinor, toMinor, spreadMinor } = quote;
  const given = accountsOf(fromCurrency);
  const leg = (accountId: bigint, amountMinor: bigint, currency: string) =>
    ({ accountId, balance: 'folded', amountMinor, currency }) as const;
  return {
    reference: `conversion:${quote.id}`,
    step: 'settle',
    userId: quote.userId,
    legs: [
      { ...leg(quote.fromWalletId, -fromMinor, fromCurrency), balance: 'kept' },
      leg(given.fx, fromMinor - spreadMinor, fromCurrency),
      leg(given.fee, spreadMinor, fromCurrency),
      leg(accountsOf(toCurrency).fx, -toMinor, toCurrency),
      { ...leg(quote.toWalletId, toMinor, toCurrency), balance: 'kept' },
    ],
  };
}
