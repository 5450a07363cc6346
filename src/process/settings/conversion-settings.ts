import { z } from 'zod';
import { isKnownCurrency } from '../../money/currency.ts';
import { parseAmount } from '../../money/decimal-amount.ts';
import { parseFraction } from '../../money/fraction.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import { HEADER_VALUE } from './gateway-headers.ts';
import { setting } from './setting.ts';
import { bounded, count, hours, httpUrl, percent, seconds } from './setting-kinds.ts';

const days = z.string().transform((text, context): ReadonlySet<string> => {
  const named = text.split(',').map((day) => day.trim());
  if (named.every((day) => /^\d{4}-\d\d-\d\d$/.test(day) && parseTimestamp(`${day}T00:00:00Z`)))
    return new Set(named);
  context.addIssue({
    code: 'custom',
    message: 'must be days with commas between them, such as 2026-12-25,2027-01-01',
  });
  return z.NEVER;
});

/** A share that is compared exactly. */
const share = bounded(0.0001, 0.99, 'a share').transform(
  (value) => parseFraction(String(value)) ?? { numerator: 0n, denominator: 1n },
);

/** How much of a currency may be owed or owned by converting, in minor units, by currency. */
const positionLimits = z.string().transform((text, context): ReadonlyMap<string, bigint> => {
  const limits = new Map<string, bigint>();
  for (const part of text.split(',')) {
    const [, currency = '', amount = ''] = /^\s*([A-Z]{3}):(\d[\d.]*)\s*$/.exec(part) ?? [];
    const parsed = isKnownCurrency(currency) ? parseAmount(amount, currency) : undefined;
    if (parsed?.kind === 'amount' && !limits.has(currency)) limits.set(currency, parsed.amountMinor);
    else {
      context.addIssue({
        code: 'custom',
        message: 'must be currencies with an amount each, such as USD:100000,JPY:15000000',
      });
      return z.NEVER;
    }
  }
  return limits;
});

/** Where exchange rates come from, when they may be used, and what a conversion costs. */
export const conversionSettings = {
  ratesSource: setting(
    'RATES_SOURCE',
    z.enum(['none', 'file', 'http', 'ecb'], 'must be none, file, http or ecb').default('none'),
  ),
  ratesFile: setting('RATES_FILE', z.string().min(1).optional()),
  ratesUrl: setting('RATES_URL', httpUrl.optional()),
  ratesBase: setting(
    'RATES_BASE',
    z.string().refine(isKnownCurrency, 'must be an ISO 4217 currency code, such as USD').default('USD'),
  ),
  ratesAuthorization: setting(
    'RATES_AUTHORIZATION',
    z.string().regex(HEADER_VALUE, 'must be a header value of visible ASCII characters').optional(),
  ),
  ratesTimeoutMs: setting('RATES_TIMEOUT_SECONDS', seconds(0.1, 60).default(10_000)),
  ratesCalendar: setting(
    'RATES_CALENDAR',
    z.enum(['working_days', 'every_day'], 'must be working_days or every_day').default('working_days'),
  ),
  ratesHolidays: setting(
    'RATES_HOLIDAYS',
    days.default(() => new Set<string>()),
  ),
  ratesMaxAgeMs: setting('RATES_MAX_AGE_HOURS', hours(0.001, 168).default(26 * 3_600_000)),
  ratesHardMaxAgeMs: setting('RATES_HARD_MAX_AGE_HOURS', hours(0.001, 168).default(120 * 3_600_000)),
  ratesMaxJump: setting('RATES_MAX_JUMP', share.prefault('0.1')),
  spread: setting('CONVERSION_SPREAD', percent.prefault('0.5')),
  quoteValidMs: setting('QUOTE_VALID_SECONDS', seconds(0.1, 3600).default(30_000)),
  maxOpenQuotes: setting('QUOTE_MAX_OPEN', count(1, 1000).default(5)),
  positionLimits: setting(
    'CONVERSION_POSITION_LIMITS',
    positionLimits.default(() => new Map<string, bigint>()),
  ),
};
