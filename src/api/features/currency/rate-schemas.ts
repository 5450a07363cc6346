import { z } from 'zod';
import { RATE_STATES } from '../../../conversions/rates/exchange-rate.ts';
import { RATE_SOURCES } from '../../../conversions/rates/rate-provider.ts';
import { answeredId, timeField } from '../../describe/fields.ts';

export const rateSchema = z
  .object({
    id: answeredId,
    source: z.enum(RATE_SOURCES),
    base: z.string(),
    quote: z.string(),
    rate: z
      .string()
      .regex(/^[0-9]+(?:\.[0-9]+)?$/)
      .meta({ description: 'What one unit of `base` is worth in `quote`, exactly, as text.' }),
    as_of: timeField.meta({ description: 'Which moment the rate speaks of, by its source.' }),
    fetched_at: timeField,
    freshness: z.enum(['fresh', 'stale']).meta({ description: 'A stale rate is not used.' }),
    state: z.enum(RATE_STATES).meta({
      description:
        '`held`: it differs too much from the last one that counted. It waits for an operator, and the pair is not converted meanwhile. `refused`: an operator has refused it; it is not used, and the last one that counted is, until it is stale.',
    }),
    is_first: z.boolean().meta({
      description:
        'It is the first rate of its pair. It counts, but there was nothing to compare it with, so look at it yourself.',
    }),
    approved_at: timeField.nullable(),
    approved_by: z.string().nullable(),
    approved_reason: z.string().nullable(),
    refused_at: timeField.nullable(),
    refused_by: z.string().nullable(),
    refused_reason: z.string().nullable(),
  })
  .meta({ id: 'ExchangeRate' });

export const rateListSchema = z
  .object({
    source: z
      .enum(['none', ...RATE_SOURCES])
      .meta({ description: '`none`: no source is set, and nothing is converted.' }),
    items: z.array(rateSchema),
  })
  .meta({ id: 'ExchangeRates' });

export const rateExample = {
  id: 1,
  source: 'http',
  base: 'USD',
  quote: 'EUR',
  rate: '0.9154',
  as_of: '2026-01-02T12:00:00.000Z',
  fetched_at: '2026-01-02T12:00:04.120Z',
  freshness: 'fresh',
  state: 'current',
  is_first: false,
  approved_at: null,
  approved_by: null,
  approved_reason: null,
  refused_at: null,
  refused_by: null,
  refused_reason: null,
};

export const refusedRateExample = {
  ...rateExample,
  rate: '91.54',
  state: 'refused',
  refused_at: '2026-01-02T12:03:00.000Z',
  refused_by: 'ana',
  refused_reason: 'the source has lost a decimal point; their ticket 4711',
};
