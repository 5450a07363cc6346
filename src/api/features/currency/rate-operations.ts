import { z } from 'zod';
import { approveRate } from '../../../conversions/rates/approve-rate.ts';
import type { ExchangeRate } from '../../../conversions/rates/exchange-rate.ts';
import { findRate, listRates } from '../../../conversions/rates/exchange-rates.sql.ts';
import { explainNotHeld } from '../../../conversions/rates/explain-not-held.ts';
import { rateFreshnessOf } from '../../../conversions/rates/freshness-settings.ts';
import { refuseRate } from '../../../conversions/rates/refuse-rate.ts';
import { isStale } from '../../../conversions/rates/staleness.ts';
import { formatFraction } from '../../../money/fraction.ts';
import { idText, nameField, textField } from '../../describe/fields.ts';
import { Problem } from '../../problems/problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { actorOf } from '../../server/guards/principal.ts';
import { defineOperation } from '../../server/operation.ts';
import { rateExample, rateListSchema, rateSchema, refusedRateExample } from './rate-schemas.ts';

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
      refused_at: rate.refusedAt?.toISOString() ?? null,
      refused_by: rate.refusedBy,
      refused_reason: rate.refusedReason,
    };
  }

  /** The rate that somebody has decided about, or why they could not. */
  async function answerDecided(id: bigint, isDecided: boolean) {
    const found = await afterWriting(() => findRate(knex, id), { isWritten: isDecided });
    if (!found)
      throw new Problem('rate-not-found', {
        detail: `There is no rate ${id}; what its source said later may have taken its place.`,
      });
    if (!isDecided) throw new Problem('rate-not-held', { detail: explainNotHeld(found.rate) });
    return { status: 200, body: renderRate(found.rate, found.now) };
  }

  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listRates',
      tag: TAG,
      summary: 'List the exchange rates of the source that is set',
      description:
        'One for each currency that the source names, and those that are held or were refused. Any two currencies are converted through the base.',
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
        return await answerDecided(id, isApproved);
      },
    }),

    defineOperation({
      method: 'post',
      path: `${PATH}/{id}/refuse`,
      id: 'refuseRate',
      tag: TAG,
      summary: 'Refuse a held rate',
      description:
        'The rate that counted counts again, until it is stale. The refused one cannot be approved any more, and nobody is asked about the same number again until the source has named another one.',
      params: z.object({ id: idText.meta({ example: 1 }) }),
      body: z.strictObject({ by: nameField({ most: 100 }).optional(), reason: textField({ most: 500 }) }),
      bodyExample: { by: 'ana', reason: 'the source has lost a decimal point; their ticket 4711' },
      access: 'operator',
      answers: {
        200: { description: 'The rate, which is refused.', schema: rateSchema, example: refusedRateExample },
      },
      problems: ['malformed-request', 'rate-not-found', 'rate-not-held', 'validation-failed'],
      async handle({ params: { id }, body: { by: named, reason }, principal }) {
        const by = named ?? actorOf(principal);
        const isRefused = await refuseRate(pool, { id, by, reason });
        if (isRefused) log.warn({ event: 'rates.refused_by_operator', rate_id: id.toString(), by, reason });
        return await answerDecided(id, isRefused);
      },
    }),
  ];
}
