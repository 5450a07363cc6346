import type { Percent } from '../../money/percent.ts';
import { deriveRate } from '../rates/derive-rate.ts';
import type { ExchangeRate } from '../rates/exchange-rate.ts';
import { isStale, type RateFreshness } from '../rates/staleness.ts';
import { type FixedSide, priceQuote } from './price-quote.ts';
import type { Quote } from './quote.ts';

export interface OfferRequest {
  readonly userId: bigint;
  readonly fromCurrency: string;
  readonly toCurrency: string;
  readonly fixedSide: FixedSide;
  readonly amountMinor: bigint;
}

export interface OfferFacts {
  readonly hasUser: boolean;
  readonly hasFromWallet: boolean;
  readonly hasToWallet: boolean;
  /** Quotes of the user that can still be used. */
  readonly openCount: number;
  readonly rates: readonly ExchangeRate[];
  readonly now: Date;
}

export interface OfferTerms {
  readonly spread: Percent;
  readonly freshness: RateFreshness;
  readonly maxOpen: number;
}

type OfferedAmounts = Pick<Quote, 'fromMinor' | 'toMinor' | 'spreadMinor' | 'mid' | 'spread' | 'rateAsOf'>;

export type OfferDecision =
  | { readonly kind: 'offered'; readonly offered: OfferedAmounts }
  | { readonly kind: 'user_not_found' }
  | { readonly kind: 'wallet_not_found'; readonly side: FixedSide }
  | { readonly kind: 'rate_unknown' }
  | { readonly kind: 'rate_held' }
  | { readonly kind: 'rate_stale'; readonly asOf: Date }
  | { readonly kind: 'too_many_quotes'; readonly maxOpen: number }
  | { readonly kind: 'too_small' }
  | { readonly kind: 'too_large' };

/** Decides what a user is offered, or why nothing is. Pure. */
export function decideOffer(request: OfferRequest, facts: OfferFacts, terms: OfferTerms): OfferDecision {
  if (!facts.hasUser) return { kind: 'user_not_found' };
  if (!facts.hasFromWallet) return { kind: 'wallet_not_found', side: 'from' };
  if (!facts.hasToWallet) return { kind: 'wallet_not_found', side: 'to' };
  const rate = deriveRate(facts.rates, request.fromCurrency, request.toCurrency);
  if (!rate) return { kind: 'rate_unknown' };
  if (rate.isHeld) return { kind: 'rate_held' };
  if (isStale(rate.asOf, facts.now, terms.freshness)) return { kind: 'rate_stale', asOf: rate.asOf };
  const { mid, asOf: rateAsOf } = rate;
  const { spread, maxOpen } = terms;
  const priced = priceQuote({ ...request, mid, spread });
  if (priced.kind !== 'priced') return priced;
  // A quote is an option that costs nothing: nobody holds many of them.
  if (facts.openCount >= maxOpen) return { kind: 'too_many_quotes', maxOpen };
  const { fromMinor, toMinor, spreadMinor } = priced;
  return { kind: 'offered', offered: { fromMinor, toMinor, spreadMinor, mid, spread, rateAsOf } };
}
