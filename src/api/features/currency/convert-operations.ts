import { z } from 'zod';
import { findConversion, findQuote } from '../../../conversions/quotes/quotes.sql.ts';
import { describedAs } from '../../describe/described-as.ts';
import { idField, idText } from '../../describe/fields.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { conversionPath } from '../../describe/resource-paths.ts';
import { Problem } from '../../problems/problem.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { readIdempotencyClaim } from '../../server/idempotency-key.ts';
import { type Answer, defineOperation } from '../../server/operation.ts';
import { conversionExample, conversionSchema } from './quote-schemas.ts';
import { EXECUTE_PATH, renderConversion } from './render-conversion.ts';

const TAG = 'currency';
const UUID = '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

const quoteIdField = z
  .string({ error: ({ input }) => (input === undefined ? 'is required' : 'must be text') })
  .regex(new RegExp(UUID), 'must be the quote_id of a preview')
  .toLowerCase()
  .meta(describedAs({ type: 'string', pattern: UUID }));

export function convertOperations({ config, converter, pool, metrics }: ApiContext) {
  return [
    defineOperation({
      method: 'post',
      path: EXECUTE_PATH,
      id: 'executeConversion',
      tag: TAG,
      summary: 'Take a quote: convert between two wallets of its user',
      description:
        'Both amounts are those of the quote. A quote is used at most once, and before it expires by the clock of the database. Where `user_id` is given, the quote of another user is answered as one that does not exist.',
      body: z.strictObject({ quote_id: quoteIdField, user_id: idField.optional() }),
      bodyExample: { quote_id: conversionExample.quote_id },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: {
        201: {
          description: 'The quote was used, and the money has moved.',
          schema: conversionSchema,
          example: conversionExample,
          headers: {
            Location: { ...LOCATION, example: conversionPath(1n) },
            'Idempotency-Replayed': REPLAYED,
          },
        },
      },
      problems: [
        'malformed-request',
        'idempotency-key-required',
        'quote-not-found',
        'quote-used',
        'quote-expired',
        'conversion-not-funded',
        'wallet-busy',
        'overloaded',
        'validation-failed',
        ...IDEMPOTENCY_PROBLEMS,
      ],
      async handle({ body: { quote_id: token, user_id: userId }, request }) {
        const idempotency = readIdempotencyClaim(request, {
          route: EXECUTE_PATH,
          isRequired: config.idempotency.isKeyRequired,
          understood: { quote_id: token },
        });
        const quote = await findQuote(pool, token);
        if (!quote || (userId !== undefined && quote.userId !== userId))
          throw new Problem('quote-not-found', {
            detail: `There is no quote ${token}.`,
            errors: [{ field: 'quote_id', message: 'is not a quote' }],
          });
        const outcome = await converter.execute({ quote, idempotency });
        if (outcome.kind !== 'decided') {
          if (outcome.kind !== 'replayed') metrics.conversions.refused(outcome.kind);
          return ofConversion(answerUsedKey(outcome, { metrics }));
        }
        const { kind, response } = outcome.result;
        if (kind === 'converted') metrics.conversions.converted(quote);
        else metrics.conversions.refused(kind);
        return ofConversion(answerMade({ resource: { kind: 'conversion', id: quote.id }, response }));
      },
    }),

    defineOperation({
      method: 'get',
      path: conversionPath('{id}'),
      id: 'getConversion',
      tag: TAG,
      summary: 'Read a conversion',
      params: z.object({ id: idText.meta({ example: 1 }) }),
      access: 'anyone',
      answers: {
        200: { description: 'The conversion.', schema: conversionSchema, example: conversionExample },
      },
      problems: ['conversion-not-found', 'validation-failed'],
      async handle({ params: { id } }) {
        const quote = await findConversion(pool, id);
        if (!quote?.usedAt)
          throw new Problem('conversion-not-found', { detail: `There is no conversion ${id}.` });
        return { status: 200, body: renderConversion(quote, quote.usedAt) };
      },
    }),
  ];
}

/** A refusal made no conversion, so it does not say where one is. */
function ofConversion(answer: Answer): Answer {
  if (answer.status < 400) return answer;
  const { Location: _location, ...headers } = answer.headers ?? {};
  return { ...answer, headers };
}
