import { z } from 'zod';
import { listQuotes, QUOTE_STATES } from '../../../conversions/quotes/list-quotes.sql.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { idText } from '../../describe/fields.ts';
import { createdFields, listQuery, toCreatedFilter } from '../../describe/list-fields.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { defineOperation } from '../../server/operation.ts';
import {
  conversionExample,
  conversionListSchema,
  listedQuoteExample,
  quoteListSchema,
} from './quote-schemas.ts';
import { renderConversion } from './render-conversion.ts';
import { renderListedQuote } from './render-quote.ts';

const TAG = 'currency';
const QUOTES_PATH = '/api/v1/currency/quotes';
const CONVERSIONS_PATH = '/api/v1/currency/conversions';
const FILTERED =
  'A filter looks at so many quotes for one page: a page may hold fewer than `limit`, even none, and still have a next one.';

/** Lists of what users were offered, and of what they took. */
export function listQuoteOperations({ lists }: ApiContext) {
  const filters = {
    user_id: idText.optional(),
    from: namedCurrencyField().meta({ description: 'The currency that is given.' }),
    to: namedCurrencyField().meta({ description: 'The currency that is got.' }),
    ...createdFields,
  };
  return [
    defineOperation({
      method: 'get',
      path: QUOTES_PATH,
      id: 'listQuotes',
      tag: TAG,
      summary: 'List quotes, newest first',
      description: `Quotes that were used are kept for ever as conversions; others are removed some time after they expired. ${FILTERED}`,
      query: listQuery('quotes', { state: z.enum([...QUOTE_STATES, 'all']).default('all'), ...filters }),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of quotes.',
          schema: quoteListSchema,
          example: { items: [listedQuoteExample], next_cursor: null },
          headers: { Link: nextPageHeader(QUOTES_PATH, 'quotes') },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const page = await listQuotes(lists, { ...toQuoteFilter(query), state: query.state });
        return answerWithPage(page, {
          list: 'quotes',
          originalUrl: request.originalUrl,
          render: renderListedQuote,
        });
      },
    }),

    defineOperation({
      method: 'get',
      path: CONVERSIONS_PATH,
      id: 'listConversions',
      tag: TAG,
      summary: 'List conversions, newest quote first',
      description: `A conversion is a quote that was used; \`created_after\` and \`created_before\` are about when it was quoted. ${FILTERED}`,
      query: listQuery('conversions', filters),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of conversions.',
          schema: conversionListSchema,
          example: { items: [conversionExample], next_cursor: null },
          headers: { Link: nextPageHeader(CONVERSIONS_PATH, 'conversions') },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const page = await listQuotes(lists, { ...toQuoteFilter(query), state: 'used' });
        return answerWithPage(page, {
          list: 'conversions',
          originalUrl: request.originalUrl,
          render: (quote) => renderConversion(quote, quote.usedAt ?? quote.createdAt),
        });
      },
    }),
  ];
}

function toQuoteFilter(query: {
  readonly user_id?: bigint | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
  readonly cursor?: bigint | undefined;
  readonly limit: number;
}) {
  return {
    userId: query.user_id,
    fromCurrency: query.from,
    toCurrency: query.to,
    ...toCreatedFilter(query),
    beforeId: query.cursor,
    limit: query.limit,
  };
}
