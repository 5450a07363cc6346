import type { Config } from '../../process/settings/config.ts';
import type { RateFreshness } from './staleness.ts';

export function rateFreshnessOf({ conversions }: Pick<Config, 'conversions'>): RateFreshness {
  const { ratesCalendar, ratesHolidays, ratesMaxAgeMs, ratesHardMaxAgeMs } = conversions;
  return {
    calendar: ratesCalendar,
    holidays: ratesHolidays,
    maxAgeMs: ratesMaxAgeMs,
    hardMaxAgeMs: ratesHardMaxAgeMs,
  };
}
