import {
  decideCredit,
  decideDebit,
  type FrozenCredits,
  type StateRefusal,
  type WalletInState,
} from '../../ledger/decide-wallet-state.ts';
import type { Percent } from '../../money/percent.ts';
import { deriveRate } from '../rates/derive-rate.ts';
import type { ExchangeRate } from '../rates/exchange-rate.ts';
import { isStale, type RateFreshness } from '../rates/staleness.ts';
import { type FixedSide, priceQuote } from './price-quote.ts';
import type { Quote } from './quote.ts';

export interface OfferRequest {
  readonly userId: bigint;
  /** The wallets if they are named; null for those without a name in the two currencies. */
  readonly fromWalletId: bigint | null;
  readonly toWalletId: bigint | null;
  readonly fromCurrency: string;
  readonly toCurrency: string;
  readonly fixedSide: FixedSide;
  readonly amountMinor: bigint;
}

export interface OfferFacts {
  readonly hasUser: boolean;
  readonly fromWallet: WalletInState | null;
  readonly toWallet: WalletInState | null;
  /** How many quotes of the user can still be used. */
  readonly openCount: number;
  readonly rates: readonly ExchangeRate[];
  readonly now: Date;
}

export interface OfferTerms {
  readonly spread: Percent;
  readonly freshness: RateFreshness;
  readonly maxOpen: number;
  readonly frozenCredits: FrozenCredits;
}

type OfferedAmounts = Pick<
  Quote,
  'fromWalletId' | 'toWalletId' | 'fromMinor' | 'toMinor' | 'spreadMinor' | 'mid' | 'spread' | 'rateAsOf'
>;

export type OfferDecision =
  | { readonly kind: 'offered'; readonly offered: OfferedAmounts }
  | { readonly kind: 'user_not_found' }
  | { readonly kind: 'wallet_not_found'; readonly side: FixedSide }
  | (StateRefusal & { readonly side: FixedSide })
  | { readonly kind: 'rate_unknown' }
  | { readonly kind: 'rate_held' }
  | { readonly kind: 'rate_stale'; readonly asOf: Date }
  | { readonly kind: 'too_many_quotes'; readonly maxOpen: number }
  | { readonly kind: 'too_small' }
  | { readonly kind: 'too_large' };

/** Decides what to offer a user, or why nothing can be offered. Pure. */
export function decideOffer(request: OfferRequest, facts: OfferFacts, terms: OfferTerms): OfferDecision {
  if (!facts.hasUser) return { kind: 'user_not_found' };
  const { fromWallet, toWallet } = facts;
  if (!fromWallet) return { kind: 'wallet_not_found', side: 'from' };
  if (!toWallet) return { kind: 'wallet_not_found', side: 'to' };
  const debit = decideDebit(fromWallet);
  if (debit) return { ...debit, side: 'from' };
  const credit = decideCredit(toWallet, terms);
  if (credit) return { ...credit, side: 'to' };
  const rate = deriveRate(facts.rates, request.fromCurrency, request.toCurrency);
  if (!rate) return { kind: 'rate_unknown' };
  if (rate.isHeld) return { kind: 'rate_held' };
  if (isStale(rate.asOf, facts.now, terms.freshness)) return { kind: 'rate_stale', asOf: rate.asOf };
  const { mid, asOf: rateAsOf } = rate;
  const { spread, maxOpen } = terms;
  const priced = priceQuote({ ...request, mid, spread });
  if (priced.kind !== 'priced') return priced;
  // A quote is a free option, so nobody may have many of them.
  if (facts.openCount >= maxOpen) return { kind: 'too_many_quotes', maxOpen };
  const { fromMinor, toMinor, spreadMinor } = priced;
  const wallets = { fromWalletId: fromWallet.walletId, toWalletId: toWallet.walletId };
  return { kind: 'offered', offered: { ...wallets, fromMinor, toMinor, spreadMinor, mid, spread, rateAsOf } };
}
