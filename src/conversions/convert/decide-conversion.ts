import type { CommandDecision, Neighbours } from '../../commands/command-kind.ts';
import type { IdempotencyClaim, StoredResponse } from '../../idempotency/used-key.ts';
import {
  decideCredit,
  decideDebit,
  type FrozenCredits,
  type StateRefusal,
} from '../../ledger/decide-wallet-state.ts';
import type { Quote } from '../quotes/quote.ts';
import type { UsedQuote } from './conversion-posting.ts';
import { type Position, takePositions } from './decide-position.ts';

/** A quote to be taken, as it was found by its token. Of what counts here, nothing but its use ever changes. */
export interface ConvertRequest {
  readonly quote: Quote;
  /** Where it was asked for. */
  readonly path: string;
  readonly idempotency: IdempotencyClaim | null;
  /** The trace that the request belongs to (W3C Trace Context). */
  readonly traceparent?: string | undefined;
}

/** What is known of a quote under its lock. */
export interface ConversionFacts {
  /** It may have been removed since it was found. */
  readonly isThere: boolean;
  /** When it was used, if it was. */
  readonly usedAt: Date | null;
  /** By the database's clock. */
  readonly hasExpired: boolean;
  /** When that clock was read, with microseconds, as PostgreSQL writes it: the time of the use or the refusal. */
  readonly readAt: string;
  /** Of those currencies of the batch that have a limit. */
  readonly positions: readonly Position[];
}

export type ConversionOutcome =
  | { readonly kind: 'converted' }
  | { readonly kind: 'quote_used' }
  | { readonly kind: 'quote_expired' }
  | { readonly kind: 'position_full'; readonly currency: string }
  | { readonly kind: 'not_funded'; readonly availableMinor: bigint }
  | StateRefusal;

export type DecidedConversion =
  | { readonly kind: ConversionOutcome['kind']; readonly response: StoredResponse }
  | { readonly kind: 'quote_gone' };

/** What is written of a quote: its use, or that a request with a key was refused for it. */
export type ConversionToWrite =
  | {
      readonly kind: 'used';
      readonly quote: UsedQuote;
      readonly at: string;
      readonly traceparent?: string | undefined;
    }
  | { readonly kind: 'refused'; readonly quote: Pick<Quote, 'id'>; readonly at: string };

/**
 * Decides whether a quote is taken. Its amounts were decided when it was offered, and are not computed again. A refusal is kept with
 * its key, and the quote with it. Pure, except that it takes funds and positions from its neighbours.
 */
export function decideConversion(
  { quote, idempotency, traceparent }: Pick<ConvertRequest, 'quote' | 'idempotency' | 'traceparent'>,
  facts: ConversionFacts,
  {
    funds,
    tally,
    frozenCredits,
    render,
  }: Neighbours & {
    readonly frozenCredits: FrozenCredits;
    readonly render: (outcome: ConversionOutcome, usedAt: string) => StoredResponse;
  },
): CommandDecision<ConversionToWrite, DecidedConversion> {
  const { readAt: at } = facts;
  if (!facts.isThere) return { result: { kind: 'quote_gone' } };
  const { fromWalletId: walletId, toWalletId } = quote;
  const answer = (outcome: ConversionOutcome) => {
    const response = render(outcome, at);
    return {
      result: { kind: outcome.kind, response },
      kept: { resource: { kind: 'conversion', id: quote.id }, response },
    } as const;
  };
  const name = `quote ${quote.id}`;
  if (facts.usedAt !== null || tally.taken(name) > 0n) return answer({ kind: 'quote_used' });
  // Without a key, nothing leads back to the refusal.
  const refuse = (outcome: ConversionOutcome) =>
    idempotency ? { ...answer(outcome), row: { kind: 'refused', quote, at } as const } : answer(outcome);
  if (facts.hasExpired) return refuse({ kind: 'quote_expired' });
  const refusal =
    decideCredit({ walletId: toWalletId, state: funds.stateOf(toWalletId) }, { frozenCredits }) ??
    decideDebit({ walletId, state: funds.stateOf(walletId) });
  if (refusal) return refuse(refusal);
  // Both are taken, or none: what is refused leaves the funds and the positions to the next of the batch.
  const availableMinor = funds.availableMinor(walletId);
  if (availableMinor < quote.fromMinor) return refuse({ kind: 'not_funded', availableMinor });
  const fullCurrency = takePositions(facts.positions, changesOf(quote), tally);
  if (fullCurrency !== undefined) return refuse({ kind: 'position_full', currency: fullCurrency });
  funds.take(walletId, quote.fromMinor);
  tally.take(name, 1n);
  return { ...answer({ kind: 'converted' }), row: { kind: 'used', quote, at, traceparent } };
}

/** What is given becomes the house's, but for its fee, and what is got was the house's. */
function changesOf({ fromCurrency, toCurrency, fromMinor, toMinor, spreadMinor }: Quote) {
  return [
    { currency: fromCurrency, amountMinor: fromMinor - spreadMinor },
    { currency: toCurrency, amountMinor: -toMinor },
  ];
}
