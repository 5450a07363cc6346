import { randomUUID } from 'node:crypto';
import type { Pool } from '../../database/database.ts';
import { inTransaction, sentTogether } from '../../database/transactions/transaction.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import { listRatesOf } from '../rates/exchange-rates.sql.ts';
import type { RateSource } from '../rates/rate-provider.ts';
import { decideOffer, type OfferDecision, type OfferRequest, type OfferTerms } from './decide-offer.ts';
import type { Quote } from './quote.ts';
import { insertQuote, isQuoteWritten, readOfferFacts, removeExpired, takeTurn } from './quotes.sql.ts';

export interface OfferOptions extends OfferTerms {
  /** Only rates of this source are used. */
  readonly source: RateSource;
  readonly validMs: number;
}

export type OfferOutcome =
  | { readonly kind: 'offered'; readonly quote: Quote }
  | Exclude<OfferDecision, { kind: 'offered' }>;

/**
 * Offers a conversion at the current rate, for a short time. Nothing is held for it.
 * @throws a database error, and then nothing was written.
 */
export async function offerQuote(
  pool: Pool,
  request: OfferRequest,
  { source, validMs, ...terms }: OfferOptions,
): Promise<OfferOutcome> {
  const token = randomUUID();
  const outcome = await inTransaction<OfferOutcome>(
    pool,
    async (transaction) => {
      const [, , facts, rates] = await sentTogether([
        takeTurn(transaction, request.userId),
        removeExpired(transaction, request.userId),
        readOfferFacts(transaction, request),
        listRatesOf(transaction, { source, currencies: [request.fromCurrency, request.toCurrency] }),
      ]);
      const decision = decideOffer(request, { ...facts, rates }, terms);
      if (decision.kind !== 'offered') return decision;
      const { userId, fromCurrency, toCurrency, fixedSide } = request;
      const quote = await insertQuote(
        transaction,
        { token, userId, fromCurrency, toCurrency, fixedSide, ...decision.offered, rateSource: source },
        { validMs },
      );
      failpoint('quote.before_commit');
      return { kind: 'offered', quote };
    },
    {
      isWritten: async (queryable, { kind }) =>
        kind !== 'offered' || (await isQuoteWritten(queryable, token)),
    },
  );
  failpoint('quote.after_commit');
  return outcome;
}
