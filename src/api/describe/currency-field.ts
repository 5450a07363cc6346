import { z } from 'zod';
import { explainUnusableCurrency, isKnownCurrency, knownCurrencies } from '../../money/currency.ts';
import { describedAs } from './described-as.ts';

/**
 * The currency of the amounts in a body, by its code in ISO 4217; `fallback` where the body names none.
 * @param isForWallets a wallet is opened in it, so it must not be one that was retired.
 */
export function currencyField({
  fallback,
  isForWallets = false,
}: {
  readonly fallback: string;
  readonly isForWallets?: boolean;
}) {
  const isTaken = isForWallets ? isOpenedIn : isKnownCurrency;
  return codeField(isTaken)
    .default(fallback)
    .meta({
      ...describedCode(isTaken, { default: fallback }),
      description: 'The currency of the amount, and of the wallet that it is for.',
      example: fallback,
    });
}

/** The currency that a wallet is opened in, which has to be named. */
export function walletCurrencyField() {
  return codeField(isOpenedIn).meta({
    ...describedCode(isOpenedIn),
    description: 'The currency of the wallet.',
    example: 'EUR',
  });
}

/** Whether a wallet can be opened in a currency. */
function isOpenedIn(code: string): boolean {
  return isKnownCurrency(code) && explainUnusableCurrency(code) === undefined;
}

function codeField(isTaken: (code: string) => boolean) {
  return z
    .string({ error: ({ input }) => (input === undefined ? 'is required' : NOT_A_CURRENCY) })
    .refine(isTaken, { error: ({ input }) => explainUnusableCurrency(String(input)) ?? NOT_A_CURRENCY });
}

function describedCode(isTaken: (code: string) => boolean, more: { readonly default?: string } = {}) {
  return describedAs({ type: 'string', enum: knownCurrencies().filter(isTaken).toSorted(), ...more });
}

/** A currency that may be left out, and is checked against what it is about once that has been read. */
export function namedCurrencyField() {
  return codeField(isKnownCurrency)
    .optional()
    .meta({ ...describedCode(isKnownCurrency), description: 'The currency of the amount.' });
}

const NOT_A_CURRENCY = 'must be a currency of ISO 4217, such as USD';

/**
 * The schemas of a body whose amounts are read in the currency that it names: `body` for the default one, and `bodyFor` what was
 * sent. Where no known currency is named, it is the default one's, and the currency is what is wrong with the body.
 */
export function bodyByCurrency<Body>({
  fallback,
  build,
}: {
  readonly fallback: string;
  readonly build: (currency: string) => Body;
}): { readonly body: Body; readonly bodyFor: (sent: unknown) => Body } {
  const built = new Map([[fallback, build(fallback)]]);
  const bodyIn = (currency: string): Body => {
    const body = built.get(currency) ?? build(currency);
    built.set(currency, body);
    return body;
  };
  return { body: bodyIn(fallback), bodyFor: (sent) => bodyIn(namedCurrency(sent) ?? fallback) };
}

function namedCurrency(sent: unknown): string | undefined {
  const named = (sent as { readonly currency?: unknown } | null | undefined)?.currency;
  return typeof named === 'string' && isKnownCurrency(named) ? named : undefined;
}
