import type { Config } from '../../process/settings/config.ts';
import { createFileRates } from './file-rates.ts';
import { createEcbRates, createHttpRates } from './http-rates.ts';
import type { RateProvider } from './rate-provider.ts';

/** The configured source of rates; null if none is set, and then nothing is converted. */
export function chooseRateProvider({ conversions }: Pick<Config, 'conversions'>): RateProvider | null {
  const { ratesSource, ratesFile, ratesUrl, ratesBase, ratesAuthorization } = conversions;
  switch (ratesSource) {
    case 'none':
      return null;
    case 'file':
      // The settings were checked: it is set.
      return createFileRates({ path: ratesFile ?? '' });
    case 'http':
      return createHttpRates({ url: ratesUrl ?? '', base: ratesBase, authorization: ratesAuthorization });
    case 'ecb':
      return createEcbRates({ url: ratesUrl });
  }
}
