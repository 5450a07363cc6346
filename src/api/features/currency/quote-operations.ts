import { rateFreshnessOf } from '../../../conversions/rates/freshness-settings.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
import { quoteBody, quoteBodyFor } from './quote-body.ts';
import { quoteProblem, rateUnknown, sameCurrency } from './quote-problem.ts';
import { quoteExample, quoteSchema } from './quote-schemas.ts';
import { renderQuote } from './render-quote.ts';

export function quoteOperations({ config, quoteOfferer, metrics }: ApiContext) {
  const { frozenCredits } = config.wallets;
  const { ratesSource: source, spread, quoteValidMs: validMs, maxOpenQuotes: maxOpen } = config.conversions;
  const freshness = rateFreshnessOf(config);
  return [
    defineOperation({
      method: 'post',
      path: '/api/v1/currency/convert/preview',
      id: 'previewConversion',
      tag: 'currency',
      summary: 'Ask what a conversion comes to, and get a quote for it',
      description:
        'Give either `amount`, in `from`, or `to_amount`, in `to`; the other one is computed and rounded once, in favour of the house. The quote holds both amounts for a short time. Nothing is taken from a wallet until it is executed.',
      body: quoteBody,
      bodyFor: quoteBodyFor,
      bodyExample: { user_id: 1, from: 'USD', to: 'EUR', amount: 100 },
      access: 'anyone',
      answers: {
        200: { description: 'The quote.', schema: quoteSchema, example: quoteExample },
      },
      problems: [
        'malformed-request',
        'user-not-found',
        'wallet-not-found',
        'wallet-frozen',
        'wallet-closed',
        'rate-unknown',
        'rate-stale',
        'rate-held',
        'too-many-quotes',
        'same-currency',
        'conversion-too-small',
        'conversion-too-large',
        'overloaded',
        'validation-failed',
      ],
      async handle({ body }) {
        const { user_id: userId, from: fromCurrency, to: toCurrency, amount, to_amount: toAmount } = body;
        if (fromCurrency === toCurrency) {
          metrics.conversions.quoted('same_currency');
          throw sameCurrency(fromCurrency);
        }
        if (source === 'none') {
          metrics.conversions.quoted('rate_unknown');
          throw rateUnknown(fromCurrency, toCurrency);
        }
        const request = {
          userId,
          fromCurrency,
          toCurrency,
          fromWalletId: body.from_wallet_id ?? null,
          toWalletId: body.to_wallet_id ?? null,
          ...(amount === undefined
            ? { fixedSide: 'to' as const, amountMinor: toAmount as bigint }
            : { fixedSide: 'from' as const, amountMinor: amount }),
        };
        const terms = { source, validMs, spread, freshness, maxOpen, frozenCredits };
        const outcome = await quoteOfferer.offer(request, terms);
        metrics.conversions.quoted(outcome.kind);
        if (outcome.kind !== 'offered') throw quoteProblem(outcome, request);
        return { status: 200, body: renderQuote(outcome.quote) };
      },
    }),
  ];
}
