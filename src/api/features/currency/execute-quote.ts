import type { Request } from 'express';
import type { Quote } from '../../../conversions/quotes/quote.ts';
import { findUsedKey } from '../../../idempotency/find-used-key.ts';
import type { IdempotencyClaim } from '../../../idempotency/used-key.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { conversionPath } from '../../describe/resource-paths.ts';
import { Problem } from '../../problems/problem.ts';
import type { ProblemCode } from '../../problems/problem-catalogue.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { readIdempotencyClaim } from '../../server/idempotency-key.ts';
import type { Answer } from '../../server/operation.ts';
import { readTraceparent } from '../../server/read-traceparent.ts';
import { conversionExample, conversionSchema } from './quote-schemas.ts';

/** What taking a quote can be refused with. */
export const EXECUTE_PROBLEMS: readonly ProblemCode[] = [
  'malformed-request',
  'idempotency-key-required',
  'quote-not-found',
  'quote-used',
  'quote-expired',
  'conversion-not-funded',
  'position-limit-reached',
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

/** The quote that a request names. */
interface Meant {
  readonly token: string;
  readonly userId: bigint | undefined;
  readonly isMeant: (quote: Quote) => boolean;
}

/**
 * Takes a quote and answers with the conversion that it became.
 * @param userId whose quote it has to be, where that is known.
 * @param isMeant whether the quote is one that the request may take; another one is answered as one that does not exist.
 * @throws Problem where there is no such quote, or the key leads to no answer.
 */
export async function executeQuote(
  context: ApiContext,
  request: Request,
  {
    token,
    userId,
    route,
    path,
    understood,
    isMeant,
  }: Meant & {
    readonly route: string;
    readonly path: string;
    readonly understood: Readonly<Record<string, string>>;
  },
): Promise<Answer> {
  const { config, converter, metrics } = context;
  const idempotency = readIdempotencyClaim(request, {
    route,
    isRequired: config.idempotency.isKeyRequired,
    understood: { ...understood, quote_id: token },
  });
  const found = await requireQuote(context, { token, userId, isMeant, idempotency });
  if ('answer' in found) return found.answer;
  const { quote } = found;
  const outcome = await converter.execute({
    quote,
    path,
    idempotency,
    traceparent: readTraceparent(request),
  });
  if (outcome.kind !== 'decided') {
    if (outcome.kind !== 'replayed') metrics.conversions.refused(outcome.kind);
    return ofConversion(answerUsedKey(outcome, { metrics }));
  }
  const { result } = outcome;
  if (result.kind === 'converted') metrics.conversions.converted(quote);
  else metrics.conversions.refused(result.kind);
  if (result.kind === 'quote_gone') throw quoteNotFound(token);
  const { response } = result;
  return ofConversion(answerMade({ resource: { kind: 'conversion', id: quote.id }, response }));
}

/** The quote, unless it is not there for this request. A key that the user has used before decides even then. */
async function requireQuote(
  { config, lookups, pool, metrics }: ApiContext,
  { token, userId, isMeant, idempotency }: Meant & { readonly idempotency: IdempotencyClaim | null },
): Promise<{ readonly quote: Quote } | { readonly answer: Answer }> {
  const quote = await lookups.quotes.find(token);
  if (quote && isMeant(quote)) return { quote };
  const claim = idempotency && userId !== undefined && { ...idempotency, scope: userId };
  const used = claim && (await findUsedKey(pool, claim, config.idempotency));
  if (used) return { answer: ofConversion(answerUsedKey(used, { metrics })) };
  throw quoteNotFound(token);
}

function quoteNotFound(token: string): Problem {
  return new Problem('quote-not-found', {
    detail: `There is no quote ${token}.`,
    errors: [{ field: 'quote_id', message: 'is not a quote' }],
  });
}

/** A refusal made no conversion, so it does not say where one is. */
function ofConversion(answer: Answer): Answer {
  if (answer.status < 400) return answer;
  const { Location: _location, ...headers } = answer.headers ?? {};
  return { ...answer, headers };
}
