import { data } from 'currency-codes';

/**
 * Corrections to the package: currencies that it does not have yet, and codes that it lists although nobody can pay in them. Do not use
 * Node's locale data (`Intl`) instead: it says how people write a currency, not how it is divided, and changes with Node.
 */
const ADDED: readonly (readonly [code: string, scale: number])[] = [
  ['XCG', 2],
  ['HRK', 2],
  ['SLL', 2],
  ['ZWL', 2],
];

/** No new wallets are opened in these; existing money keeps its scale. */
const RETIRED: ReadonlyMap<string, { readonly year: number; readonly successor: string }> = new Map([
  ['ANG', { year: 2025, successor: 'XCG' }],
  ['BGN', { year: 2026, successor: 'EUR' }],
  ['CUC', { year: 2021, successor: 'CUP' }],
  ['HRK', { year: 2023, successor: 'EUR' }],
  ['SLL', { year: 2023, successor: 'SLE' }],
  ['ZWL', { year: 2024, successor: 'ZWG' }],
]);

/** Metals, units of account, and codes for testing and for "no currency": the standard gives them no minor unit, but the package says 0. */
const NO_MONEY: ReadonlySet<string> = new Set(
  'XAD XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX'.split(' '),
);

const scales: ReadonlyMap<string, number> = new Map(
  [...data.map(({ code, digits }) => [code, digits] as const), ...ADDED].filter(
    ([code]) => !NO_MONEY.has(code),
  ),
);

/** The codes of all currencies that money may be held in, including retired ones. */
export function knownCurrencies(): string[] {
  return [...scales.keys()];
}

/** Whether money may be held in a currency (ISO 4217, for example `USD`); true for a retired one. */
export function isKnownCurrency(code: string): boolean {
  return scales.has(code);
}

/** Whether a currency has been replaced by another one. */
export function isRetiredCurrency(code: string): boolean {
  return RETIRED.has(code);
}

/** What is said of a text that is not even the code of a currency. */
export const NOT_A_CURRENCY = 'must be an ISO 4217 currency code, such as USD';

/** Why wallets cannot be opened in a currency, as the end of a sentence that begins with a field's name; undefined if they can. */
export function explainUnusableCurrency(code: string): string | undefined {
  const retired = RETIRED.get(code);
  if (retired) return `must not be ${code}, which was replaced by ${retired.successor} in ${retired.year}`;
  return explainUnknownCurrency(code);
}

/**
 * Why money cannot be held in a currency at all, likewise; undefined if it can, even if the currency is retired. A text that does not look
 * like a code is not repeated: it may be empty, or very long.
 */
export function explainUnknownCurrency(code: string): string | undefined {
  if (scales.has(code)) return undefined;
  if (NO_MONEY.has(code)) return `must not be ${code}, which is not a currency that people can pay in`;
  if (!/^[A-Za-z]{3}$/.test(code)) return NOT_A_CURRENCY;
  const meant = code.toUpperCase();
  return scales.has(meant)
    ? `must be ${meant}, in capital letters`
    : `must not be ${code}, which is not an ISO 4217 currency`;
}

/**
 * Decimal places of a currency's minor unit, by ISO 4217: 2 for USD, 0 for JPY, 3 for KWD, 4 for CLF.
 * Stored money keeps the scale that it was stored with; see `requireFrozenScales`.
 * @throws RangeError for a code that is not a currency.
 */
export function currencyScale(code: string): number {
  const scale = scales.get(code);
  if (scale === undefined) throw new RangeError(`Not an ISO 4217 currency: ${code}`);
  return scale;
}
