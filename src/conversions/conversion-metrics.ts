import { Counter, type Registry, startAtZero } from '../telemetry/metrics.ts';
import type { Converter } from './convert/create-converter.ts';
import type { ConversionOutcome } from './convert/decide-conversion.ts';
import type { OfferOutcome } from './quotes/offer-quote.ts';

type QuoteEvent = 'offered' | 'used';
type QuoteRefusal = Exclude<OfferOutcome['kind'], 'offered'> | 'same_currency';
type ConversionRefusal =
  | Exclude<ConversionOutcome['kind'], 'converted'>
  | 'quote_gone'
  | Exclude<Awaited<ReturnType<Converter['execute']>>['kind'], 'decided' | 'replayed'>;

/** Records, so that none can be forgotten: a counter that does not begin at 0 hides its first increase. */
const IS_EVENT: Readonly<Record<QuoteEvent, true>> = { offered: true, used: true };
const IS_QUOTE_REFUSAL: Readonly<Record<QuoteRefusal, true>> = {
  user_not_found: true,
  wallet_not_found: true,
  wallet_frozen: true,
  wallet_closed: true,
  rate_unknown: true,
  rate_held: true,
  rate_stale: true,
  too_many_quotes: true,
  too_small: true,
  too_large: true,
  same_currency: true,
};
const IS_CONVERSION_REFUSAL: Readonly<Record<ConversionRefusal, true>> = {
  quote_used: true,
  quote_expired: true,
  quote_gone: true,
  position_full: true,
  not_funded: true,
  wallet_frozen: true,
  wallet_closed: true,
  key_reused: true,
  key_expired: true,
  key_in_use: true,
};

/** So many pairs have a series of their own in one process; the world has some thirty thousand. */
const MOST_PAIRS = 100;

/** Counts what becomes of quotes and conversions, each by the process whose transaction committed. */
export function createConversionMetrics(registry: Registry) {
  const registers = [registry];
  const quotes = new Counter({
    name: 'tollgate_conversion_quotes_total',
    help: 'Quotes that were offered, and that were used; the others expire.',
    labelNames: ['event'],
    registers,
  });
  const quotesRefused = new Counter({
    name: 'tollgate_conversion_quotes_refused_total',
    help: 'Requests for a quote that were refused.',
    labelNames: ['reason'],
    registers,
  });
  const conversions = new Counter({
    name: 'tollgate_conversions_total',
    help: `Conversions by pair of currencies; beyond the first ${MOST_PAIRS} pairs of a process they are counted as other.`,
    labelNames: ['pair'],
    registers,
  });
  const conversionsRefused = new Counter({
    name: 'tollgate_conversions_refused_total',
    help: 'Requests to take a quote that were refused.',
    labelNames: ['reason'],
    registers,
  });
  startAtZero(quotes, { event: Object.keys(IS_EVENT) });
  startAtZero(quotesRefused, { reason: Object.keys(IS_QUOTE_REFUSAL) });
  startAtZero(conversions, { pair: ['other'] });
  startAtZero(conversionsRefused, { reason: Object.keys(IS_CONVERSION_REFUSAL) });

  const pairs = new Set<string>();
  return {
    quoted(outcome: 'offered' | QuoteRefusal): void {
      if (outcome === 'offered') quotes.inc({ event: 'offered' });
      else quotesRefused.inc({ reason: outcome });
    },
    converted({
      fromCurrency,
      toCurrency,
    }: {
      readonly fromCurrency: string;
      readonly toCurrency: string;
    }): void {
      const pair = `${fromCurrency}-${toCurrency}`;
      if (pairs.size < MOST_PAIRS) pairs.add(pair);
      conversions.inc({ pair: pairs.has(pair) ? pair : 'other' });
      quotes.inc({ event: 'used' });
    },
    refused(reason: ConversionRefusal): void {
      conversionsRefused.inc({ reason });
    },
  };
}
