import { createTurns, TurnsFull, TurnsLate } from '../../background/turns.ts';
import { CommandUnavailable } from '../../commands/command-outcome.ts';
import type { Pool } from '../../database/database.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import type { OfferRequest } from './decide-offer.ts';
import { type OfferOptions, type OfferOutcome, offerQuote } from './offer-quote.ts';

export interface QuoteOffererOptions {
  readonly pool: Pool;
  /** How many connections of the pool offers may use at once. */
  readonly maxConnections: number;
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

export interface QuoteOfferer {
  /**
   * Offers a conversion, one at a time for each user.
   * @throws CommandUnavailable if too many are waiting, and then nothing was written; otherwise as offerQuote.
   */
  offer(request: OfferRequest, options: OfferOptions): Promise<OfferOutcome>;
}

/** More than anybody asks for at once who means it. */
const MAX_WAITING_OF_A_USER = 50;

/**
 * Requests of one user for quotes take turns in the database, too, and whoever waits there has a connection. So they wait here, before they
 * have one: a user who asks for a thousand quotes uses one connection of the pool that accepts payments, and all users together a few.
 */
export function createQuoteOfferer({
  pool,
  maxConnections,
  maxWaiting,
  maxWaitMs,
}: QuoteOffererOptions): QuoteOfferer {
  const turns = createTurns({
    maxAtOnce: maxConnections,
    maxWaiting,
    maxWaitingOfOne: Math.min(MAX_WAITING_OF_A_USER, maxWaiting),
    maxWaitMs,
  });
  return {
    async offer(request, options) {
      try {
        return await turns.take(String(request.userId), () => offerQuote(pool, request, options));
      } catch (error) {
        throw isBusy(error) ? new CommandUnavailable('overload', { cause: error }) : error;
      }
    },
  };
}

/** The line is full, or another process has had the turn of this user for too long. */
function isBusy(error: unknown): boolean {
  return (
    error instanceof TurnsFull ||
    error instanceof TurnsLate ||
    classifyDatabaseError(error).kind === 'lock_timeout'
  );
}
