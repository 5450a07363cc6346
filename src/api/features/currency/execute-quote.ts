import type { Request } from 'express';
import type { Quote } from '../../../conversions/quotes/quote.ts';
import { findQuote } from '../../../conversions/quotes/quotes.sql.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { conversionPath } from '../../describe/resource-paths.ts';
import { Problem } from '../../problems/problem.ts';
import type { ProblemCode } from '../../problems/problem-catalogue.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { readIdempotencyClaim } from '../../server/idempotency-key.ts';
import type { Answer } from '../../server/operation.ts';
import { conversionExample, conversionSchema } from './quote-schemas.ts';

/** What taking a quote can be refused with. */
export const EXECUTE_PROBLEMS: readonly ProblemCode[] = [
  'malformed-request',
  'idempotency-key-required',
  'quote-not-found',
  'quote-used',
  'quote-expired',
  'conversion-not-funded',
  'wallet-frozen',
  'wallet-closed',
  'wallet-busy',
  'overloaded',
  'validation-failed',
  ...IDEMPOTENCY_PROBLEMS,
];

export const CONVERTED = {
  description: 'The quote was used, and the money has moved.',
  schema: conversionSchema,
  example: conversionExample,
  headers: {
    Location: { ...LOCATION, example: conversionPath(1n) },
    'Idempotency-Replayed': REPLAYED,
  },
};

/**
 * Takes a quote and answers with the conversion that it became.
 * @param isMeant whether the quote is one that the request may take; another one is answered as one that does not exist.
 * @throws Problem where there is no such quote, or the key leads to no answer.
 */
export async function executeQuote(
  { config, converter, pool, metrics }: ApiContext,
  request: Request,
  {
    token,
    route,
    path,
    understood,
    isMeant,
  }: {
    readonly token: string;
    readonly route: string;
    readonly path: string;
    readonly understood: Readonly<Record<string, string>>;
    readonly isMeant: (quote: Quote) => boolean;
  },
): Promise<Answer> {
  const idempotency = readIdempotencyClaim(request, {
    route,
    isRequired: config.idempotency.isKeyRequired,
    understood: { ...understood, quote_id: token },
  });
  const quote = await findQuote(pool, token);
  if (!quote || !isMeant(quote))
    throw new Problem('quote-not-found', {
      detail: `There is no quote ${token}.`,
      errors: [{ field: 'quote_id', message: 'is not a quote' }],
    });
  const outcome = await converter.execute({ quote, path, idempotency });
  if (outcome.kind !== 'decided') {
    if (outcome.kind !== 'replayed') metrics.conversions.refused(outcome.kind);
    return ofConversion(answerUsedKey(outcome, { metrics }));
  }
  const { kind, response } = outcome.result;
  if (kind === 'converted') metrics.conversions.converted(quote);
  else metrics.conversions.refused(kind);
  return ofConversion(answerMade({ resource: { kind: 'conversion', id: quote.id }, response }));
}

/** A refusal made no conversion, so it does not say where one is. */
function ofConversion(answer: Answer): Answer {
  if (answer.status < 400) return answer;
  const { Location: _location, ...headers } = answer.headers ?? {};
  return { ...answer, headers };
}
