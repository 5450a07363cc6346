import type { Config } from '../../process/settings/config.ts';
import { createFileRates } from './file-rates.ts';
import { createEcbRates, createHttpRates } from './http-rates.ts';
import type { RateProvider } from './rate-provider.ts';

/** The source of rates that is set; null without one, and then nothing is converted. */
export function chooseRateProvider({ conversions }: Pick<Config, 'conversions'>): RateProvider | null {
  const { ratesSource, ratesFile, ratesUrl, ratesBase, ratesAuthorization } = conversions;
  switch (ratesSource) {
    case 'none':
      return null;
    case 'file':
      // That it is set was checked with the other settings.
      return createFileRates({ path: ratesFile ?? '' });
    case 'http':
      return createHttpRates({ url: ratesUrl ?? '', base: ratesBase, authorization: ratesAuthorization });
    case 'ecb':
      return createEcbRates({ url: ratesUrl });
  }
}
