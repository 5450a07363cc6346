/** What the model knows of its currencies: three, with no, two and three decimals. It takes none of it from the code that it judges. */
export const CURRENCIES = ['USD', 'JPY', 'KWD'] as const;
export type Currency = (typeof CURRENCIES)[number];

const SCALES: Readonly<Record<Currency, number>> = { USD: 2, JPY: 0, KWD: 3 };

/** What one dollar is worth, as a source writes it. */
export const RATES = { JPY: '150.25', KWD: '0.307' };
const PER_DOLLAR: Readonly<Record<Currency, readonly [bigint, bigint]>> = {
  USD: [1n, 1n],
  JPY: [15_025n, 100n],
  KWD: [307n, 1000n],
};
/** Half a percent of what is given is the house's. */
export const SPREAD_PERCENT = '0.5';
const [SPREAD, WHOLE] = [5n, 1000n];
const MAX_MINOR = 10n ** 13n;

/** An amount in minor units as a JSON number. */
export function decimal(amountMinor: bigint, currency: Currency): number {
  return Number(amountMinor) / 10 ** SCALES[currency];
}

export type Priced =
  | {
      readonly kind: 'priced';
      readonly fromMinor: bigint;
      readonly toMinor: bigint;
      readonly spreadMinor: bigint;
    }
  | { readonly kind: 'conversion-too-small' | 'conversion-too-large' };

/** Both amounts of a conversion: the named one as it is, the other one rounded in favour of the house. */
export function price({
  from,
  to,
  side,
  amountMinor,
}: {
  readonly from: Currency;
  readonly to: Currency;
  readonly side: 'from' | 'to';
  readonly amountMinor: bigint;
}): Priced {
  const [fromRate, fromUnit] = PER_DOLLAR[from];
  const [toRate, toUnit] = PER_DOLLAR[to];
  const up = toRate * fromUnit * 10n ** BigInt(SCALES[to]) * (WHOLE - SPREAD);
  const down = toUnit * fromRate * 10n ** BigInt(SCALES[from]) * WHOLE;
  const fromMinor = side === 'from' ? amountMinor : (amountMinor * down + up - 1n) / up;
  const toMinor = side === 'to' ? amountMinor : (amountMinor * up) / down;
  if (toMinor === 0n) return { kind: 'conversion-too-small' };
  if (fromMinor > MAX_MINOR || toMinor > MAX_MINOR) return { kind: 'conversion-too-large' };
  return { kind: 'priced', fromMinor, toMinor, spreadMinor: (fromMinor * SPREAD) / WHOLE };
}
