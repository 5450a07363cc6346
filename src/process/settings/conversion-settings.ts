import { z } from 'zod';
import { isKnownCurrency } from '../../money/currency.ts';
import { parseFraction } from '../../money/fraction.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import { HEADER_VALUE } from './gateway-headers.ts';
import { setting } from './setting.ts';
import { bounded, hours, httpUrl, seconds } from './setting-kinds.ts';

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

/** Where exchange rates come from, and when they may be used. */
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
};
