import { z } from 'zod';
import { approveRate } from '../../../conversions/rates/approve-rate.ts';
import type { ExchangeRate } from '../../../conversions/rates/exchange-rate.ts';
import { findRate, listRates } from '../../../conversions/rates/exchange-rates.sql.ts';
import { rateFreshnessOf } from '../../../conversions/rates/freshness-settings.ts';
import { isStale } from '../../../conversions/rates/staleness.ts';
import { formatFraction } from '../../../money/fraction.ts';
import { idText, nameField, textField } from '../../describe/fields.ts';
import { Problem } from '../../problems/problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { actorOf } from '../../server/guards/principal.ts';
import { defineOperation } from '../../server/operation.ts';
import { rateExample, rateListSchema, rateSchema } from './rate-schemas.ts';

const PATH = '/api/v1/currency/rates';
const TAG = 'currency';
/** No rate that is kept has more. */
const ALL_DIGITS = 40;

export function rateOperations({ config, pool, knex, log }: ApiContext) {
  const { ratesSource: source } = config.conversions;
  const freshness = rateFreshnessOf(config);

  function renderRate(rate: ExchangeRate, now: Date) {
    return {
      id: Number(rate.id),
      source: rate.source,
      base: rate.base,
      quote: rate.quote,
      rate: formatFraction(rate.value, ALL_DIGITS),
      as_of: rate.asOf.toISOString(),
      fetched_at: rate.fetchedAt.toISOString(),
      freshness: isStale(rate.asOf, now, freshness) ? ('stale' as const) : ('fresh' as const),
      state: rate.state,
      is_first: rate.isFirst,
      approved_at: rate.approvedAt?.toISOString() ?? null,
      approved_by: rate.approvedBy,
      approved_reason: rate.approvedReason,
    };
  }

  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listRates',
      tag: TAG,
      summary: 'List the exchange rates of the source that is set',
      description:
        'One for each currency that the source names, and those that are held. Any two currencies are converted through the base.',
      access: 'anyone',
      answers: {
        200: {
          description: 'The rates, by base and quote.',
          schema: rateListSchema,
          example: { source: 'http', items: [rateExample] },
        },
      },
      problems: [],
      async handle() {
        if (source === 'none') return { status: 200, body: { source, items: [] } };
        const { rates, now } = await listRates(knex, source);
        return { status: 200, body: { source, items: rates.map((rate) => renderRate(rate, now)) } };
      },
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/{id}/approve`,
      id: 'approveRate',
      tag: TAG,
      summary: 'Let a held rate count',
      description:
        'It takes the place of the one that counted. A rate with another number has another id, so what is approved is what was seen.',
      params: z.object({ id: idText.meta({ example: 1 }) }),
      body: z.strictObject({
        by: nameField({ most: 100 }).optional(),
        reason: textField({ most: 500 }).optional(),
      }),
      bodyExample: { by: 'ana', reason: 'the central bank has let the currency float this morning' },
      access: 'operator',
      answers: {
        200: { description: 'The rate, which counts now.', schema: rateSchema, example: rateExample },
      },
      problems: ['malformed-request', 'rate-not-found', 'rate-not-held', 'validation-failed'],
      async handle({ params: { id }, body, principal }) {
        const by = body.by ?? actorOf(principal);
        const reason = body.reason ?? null;
        const isApproved = await approveRate(pool, { id, by, reason });
        if (isApproved) log.warn({ event: 'rates.approved', rate_id: id.toString(), by, reason });
        const found = await afterWriting(() => findRate(knex, id), { isWritten: isApproved });
        if (!found)
          throw new Problem('rate-not-found', {
            detail: `There is no rate ${id}; what its source said later may have taken its place.`,
          });
        if (!isApproved) throw new Problem('rate-not-held', { detail: `Rate ${id} is not held.` });
        return { status: 200, body: renderRate(found.rate, found.now) };
      },
    }),
  ];
}
