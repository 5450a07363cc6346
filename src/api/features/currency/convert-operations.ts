import { z } from 'zod';
import { findConversion } from '../../../conversions/quotes/quotes.sql.ts';
import { describedAs } from '../../describe/described-as.ts';
import { idField, idText } from '../../describe/fields.ts';
import { conversionPath } from '../../describe/resource-paths.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
import { CONVERTED, EXECUTE_PROBLEMS, executeQuote } from './execute-quote.ts';
import { conversionExample, conversionSchema } from './quote-schemas.ts';
import { EXECUTE_PATH, renderConversion } from './render-conversion.ts';

const TAG = 'currency';
const UUID = '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

export const quoteIdField = z
  .string({ error: ({ input }) => (input === undefined ? 'is required' : 'must be text') })
  .regex(new RegExp(UUID), 'must be the quote_id of a preview')
  .toLowerCase()
  .meta(describedAs({ type: 'string', pattern: UUID }));

export function convertOperations(context: ApiContext) {
  const { knex } = context;
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
      answers: { 201: CONVERTED },
      problems: EXECUTE_PROBLEMS,
      handle: ({ body: { quote_id: token, user_id: userId }, request }) =>
        executeQuote(context, request, {
          token,
          userId,
          route: EXECUTE_PATH,
          path: EXECUTE_PATH,
          understood: {},
          isMeant: (quote) => userId === undefined || quote.userId === userId,
        }),
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
        const quote = await findConversion(knex, id);
        if (!quote?.usedAt)
          throw new Problem('conversion-not-found', { detail: `There is no conversion ${id}.` });
        return { status: 200, body: renderConversion(quote, quote.usedAt) };
      },
    }),
  ];
}
