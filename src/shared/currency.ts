const knownCurrencies = new Set(Intl.supportedValuesOf('currency'));
const scales = new Map<string, number>();

/** Whether a code is a currency that we can keep money in (ISO 4217, for example `USD`). */
export function isKnownCurrency(code: string): boolean {
  return knownCurrencies.has(code);
}

/**
 * Decimal places of a currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD.
 * The numbers are those of ISO 4217, which ECMA-402 requires `Intl` to use.
 * @throws RangeError for a code that is not a currency.
 */
export function currencyScale(code: string): number {
  const known = scales.get(code);
  if (known !== undefined) return known;
  if (!isKnownCurrency(code)) throw new RangeError(`Not an ISO 4217 currency code: ${code}`);
  const { maximumFractionDigits } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency: code,
  }).resolvedOptions();
  const scale = maximumFractionDigits ?? 2;
  scales.set(code, scale);
  return scale;
}
