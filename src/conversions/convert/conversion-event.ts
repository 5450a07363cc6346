import { eventAmounts, type NewEvent, newEvent } from '../../events/new-event.ts';
import type { UsedQuote } from './conversion-posting.ts';

export function eventOfConversion({
  quote,
  traceparent,
}: {
  readonly quote: UsedQuote;
  readonly traceparent?: string | undefined;
}): NewEvent {
  const { id, userId, fromWalletId, toWalletId, fromCurrency, toCurrency } = quote;
  return newEvent(
    'tollgate.conversion.completed.v1',
    { id, traceparent },
    {
      conversion_id: Number(id),
      user_id: Number(userId),
      from_wallet_id: Number(fromWalletId),
      to_wallet_id: Number(toWalletId),
      ...eventAmounts({ from_amount: quote.fromMinor, spread: quote.spreadMinor }, fromCurrency),
      ...eventAmounts({ to_amount: quote.toMinor }, toCurrency),
      from_currency: fromCurrency,
      to_currency: toCurrency,
    },
  );
}
