import type { ListedQuote } from '../../../conversions/quotes/list-quotes.sql.ts';
import { dealtRateOf } from '../../../conversions/quotes/price-quote.ts';
import type { Quote } from '../../../conversions/quotes/quote.ts';
import { formatFraction } from '../../../money/fraction.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';

const DIGITS = 15;

/** What a quote and the conversion that it becomes say alike. */
export function renderQuoted(quote: Quote) {
  return {
    quote_id: quote.token,
    user_id: Number(quote.userId),
    from_wallet_id: Number(quote.fromWalletId),
    to_wallet_id: Number(quote.toWalletId),
    from: quote.fromCurrency,
    to: quote.toCurrency,
    fixed: quote.fixedSide === 'from' ? ('amount' as const) : ('to_amount' as const),
    ...renderAmounts({ amount: quote.fromMinor }, quote.fromCurrency),
    ...renderAmounts({ to_amount: quote.toMinor }, quote.toCurrency),
    ...renderAmounts({ spread: quote.spreadMinor }, quote.fromCurrency),
    spread_currency: quote.fromCurrency,
    rate: formatFraction(dealtRateOf(quote), DIGITS),
    mid: formatFraction(quote.mid, DIGITS),
    rate_source: quote.rateSource,
    rate_as_of: quote.rateAsOf.toISOString(),
  };
}

export function renderQuote(quote: Quote) {
  return {
    ...renderQuoted(quote),
    created_at: quote.createdAt.toISOString(),
    expires_at: quote.expiresAt.toISOString(),
  };
}

export function renderListedQuote(quote: ListedQuote) {
  const { id, usedAt, hasExpired } = quote;
  const unused = hasExpired ? ('expired' as const) : ('open' as const);
  return {
    ...renderQuote(quote),
    state: usedAt === null ? unused : ('used' as const),
    conversion_id: usedAt === null ? null : Number(id),
    converted_at: usedAt?.toISOString() ?? null,
  };
}
