import type { ConversionOutcome, ConvertRequest } from '../../../conversions/convert/decide-conversion.ts';
import type { Quote } from '../../../conversions/quotes/quote.ts';
import type { StoredResponse } from '../../../idempotency/used-key.ts';
import { formatAmount } from '../../../money/decimal-amount.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { Problem, renderProblem } from '../../problems/problem.ts';
import { walletStateProblem } from '../../problems/wallet-state-problem.ts';
import { renderQuoted } from './render-quote.ts';

export const EXECUTE_PATH = '/api/v1/currency/convert/execute';

export function renderConversion(quote: Quote, usedAt: Date) {
  return { conversion_id: Number(quote.id), ...renderQuoted(quote), converted_at: usedAt.toISOString() };
}

/** The answer to a request to take a quote, as it is given now and on every replay. */
export function renderConverted(
  { quote, path }: Pick<ConvertRequest, 'quote' | 'path'>,
  outcome: ConversionOutcome,
  usedAt: string,
): StoredResponse {
  if (outcome.kind === 'converted')
    return { status: 201, body: JSON.stringify(renderConversion(quote, new Date(usedAt))) };
  const problem = refusalOf(quote, outcome);
  return { status: problem.status, body: renderProblem(problem, path) };
}

function refusalOf(quote: Quote, outcome: Exclude<ConversionOutcome, { kind: 'converted' }>): Problem {
  const about = (message: string) => [{ field: 'quote_id', message }];
  switch (outcome.kind) {
    case 'quote_used':
      return new Problem('quote-used', {
        detail: `Quote ${quote.token} was used before. Nothing was done now.`,
        errors: about('names a quote that was used before'),
      });
    case 'quote_expired':
      return new Problem('quote-expired', {
        detail: `Quote ${quote.token} expired at ${quote.expiresAt.toISOString()}. Nothing was done.`,
        errors: about('names a quote that has expired'),
      });
    case 'wallet_frozen':
    case 'wallet_closed':
      return walletStateProblem(outcome, 'quote_id');
    case 'position_full': {
      const { currency } = outcome;
      return new Problem('position-limit-reached', {
        detail: `The conversion would take what is owned or owed in ${currency} further beyond its limit. Nothing was done.`,
        errors: about(`would take what is owned or owed in ${currency} further beyond its limit`),
      });
    }
    case 'not_funded': {
      const { fromCurrency: currency } = quote;
      const needed = `${formatAmount(quote.fromMinor, currency)} ${currency}`;
      const available = `${formatAmount(outcome.availableMinor, currency)} ${currency}`;
      return new Problem('conversion-not-funded', {
        detail: `The conversion needs ${needed}, and ${available} is available. Nothing was done.`,
        errors: about(`needs ${needed}, and ${available} is available`),
        extensions: {
          ...renderAmounts({ available: outcome.availableMinor, needed: quote.fromMinor }, currency),
          currency,
        },
      });
    }
  }
}
