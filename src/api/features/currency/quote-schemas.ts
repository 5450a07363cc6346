import { z } from 'zod';
import { QUOTE_STATES } from '../../../conversions/quotes/list-quotes.sql.ts';
import { RATE_SOURCES } from '../../../conversions/rates/rate-provider.ts';
import { amountFields } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

const rateText = z.string().regex(/^[0-9]+(?:\.[0-9]+)?$/);

/** What a quote and the conversion that it becomes have in common. */
const quotedFields = {
  quote_id: z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  user_id: answeredId,
  from_wallet_id: answeredId,
  to_wallet_id: answeredId,
  from: z.string(),
  to: z.string(),
  fixed: z
    .enum(['amount', 'to_amount'])
    .meta({ description: 'The amount that was asked for; the other one was computed.' }),
  ...amountFields({ amount: 'What is taken from the wallet in `from`, the spread included.' }),
  ...amountFields({ to_amount: 'What is added to the wallet in `to`.' }),
  ...amountFields({ spread: 'The part of `amount` that the conversion costs.' }),
  spread_currency: z.string(),
  rate: rateText.meta({
    description: 'What one unit of `from` gets in `to` after the spread; cut off behind 15 digits.',
  }),
  mid: rateText.meta({
    description: 'What one unit of `from` is worth in `to` without the spread; cut off behind 15 digits.',
  }),
  rate_source: z.enum(RATE_SOURCES),
  rate_as_of: timeField.meta({ description: 'Which moment the rate speaks of, by its source.' }),
};

export const quoteSchema = z
  .object({
    ...quotedFields,
    created_at: timeField,
    expires_at: timeField.meta({
      description: 'By the clock of the database, which decides whether it is in time.',
    }),
  })
  .meta({ id: 'Quote' });

const quotedExample = {
  quote_id: '6f1f6a52-8a2e-4f59-9d0c-0d6f6f0a5d11',
  user_id: 1,
  from_wallet_id: 7,
  to_wallet_id: 14,
  from: 'USD',
  to: 'EUR',
  fixed: 'amount',
  amount: 100,
  amount_minor: '10000',
  to_amount: 91.08,
  to_amount_minor: '9108',
  spread: 0.5,
  spread_minor: '50',
  spread_currency: 'USD',
  rate: '0.910823',
  mid: '0.9154',
  rate_source: 'http',
  rate_as_of: '2026-01-02T12:00:00.000Z',
};

export const quoteExample = {
  ...quotedExample,
  created_at: '2026-01-02T12:00:10.000Z',
  expires_at: '2026-01-02T12:00:40.000Z',
};

/** As an operator sees it in the list of all. */
const listedQuoteSchema = z
  .object({
    ...quotedFields,
    created_at: timeField,
    expires_at: timeField,
    state: z.enum(QUOTE_STATES),
    conversion_id: answeredId.nullable().meta({ description: 'The conversion that it became.' }),
    converted_at: timeField.nullable(),
  })
  .meta({ id: 'ListedQuote' });

export const quoteListSchema = z
  .object({ items: z.array(listedQuoteSchema), next_cursor: nextCursorField('quotes') })
  .meta({ id: 'QuoteList' });

export const listedQuoteExample = {
  ...quoteExample,
  state: 'used',
  conversion_id: 1,
  converted_at: '2026-01-02T12:00:21.310Z',
};

export const conversionSchema = z
  .object({
    conversion_id: answeredId,
    ...quotedFields,
    converted_at: timeField,
  })
  .meta({ id: 'Conversion' });

export const conversionListSchema = z
  .object({ items: z.array(conversionSchema), next_cursor: nextCursorField('conversions') })
  .meta({ id: 'ConversionList' });

export const conversionExample = {
  conversion_id: 1,
  ...quotedExample,
  converted_at: '2026-01-02T12:00:21.310Z',
};
