import type { CommandDecision, Neighbours } from '../../commands/command-kind.ts';
import { decideFunds } from '../../commands/decide-funds.ts';
import type { StoredResponse } from '../../idempotency/used-key.ts';
import { decideCredit, type FrozenCredits, type StateRefusal } from '../../ledger/decide-wallet-state.ts';
import type { Quote } from '../quotes/quote.ts';
import type { UsedQuote } from './conversion-posting.ts';

/** What is known of a quote under its lock. */
export interface ConversionFacts {
  /** When it was used, if it was. */
  readonly usedAt: Date | null;
  /** By the database's clock. */
  readonly hasExpired: boolean;
  /** When that clock was read, with microseconds, as PostgreSQL writes it: when the quote is used, if it is. */
  readonly readAt: string;
}

export type ConversionOutcome =
  | { readonly kind: 'converted' }
  | { readonly kind: 'quote_used' }
  | { readonly kind: 'quote_expired' }
  | { readonly kind: 'not_funded'; readonly availableMinor: bigint }
  | StateRefusal;

export interface DecidedConversion {
  readonly kind: ConversionOutcome['kind'];
  readonly response: StoredResponse;
}

export interface ConversionToWrite extends UsedQuote {
  readonly usedAt: string;
}

/**
 * Decides whether a quote is taken. Its amounts were decided when it was offered, and are not computed again. A refusal is kept with
 * the key, too. Pure but for what it takes from its neighbours.
 */
export function decideConversion(
  quote: Quote,
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
  const { readAt: usedAt } = facts;
  const { fromWalletId: walletId, toWalletId } = quote;
  const answer = (outcome: ConversionOutcome) => {
    const response = render(outcome, usedAt);
    return {
      result: { kind: outcome.kind, response },
      kept: { resource: { kind: 'conversion', id: quote.id }, response },
    } as const;
  };
  const name = `quote ${quote.id}`;
  if (facts.usedAt !== null || tally.taken(name) > 0n) return answer({ kind: 'quote_used' });
  if (facts.hasExpired) return answer({ kind: 'quote_expired' });
  const refusal = decideCredit({ walletId: toWalletId, state: funds.stateOf(toWalletId) }, { frozenCredits });
  if (refusal) return answer(refusal);
  const taken = decideFunds(funds, { walletId, neededMinor: quote.fromMinor });
  if (taken.kind === 'insufficient_funds')
    return answer({ kind: 'not_funded', availableMinor: taken.availableMinor });
  if (taken.kind !== 'taken') return answer(taken);
  tally.take(name, 1n);
  return { ...answer({ kind: 'converted' }), row: { ...quote, usedAt } };
}
