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
  const isTaken = (code: string) =>
    isKnownCurrency(code) && !(isForWallets && explainUnusableCurrency(code) !== undefined);
  return z
    .string(NOT_A_CURRENCY)
    .refine(isTaken, { error: ({ input }) => explainUnusableCurrency(String(input)) ?? NOT_A_CURRENCY })
    .default(fallback)
    .meta({
      ...describedAs({
        type: 'string',
        enum: knownCurrencies().filter(isTaken).toSorted(),
        default: fallback,
      }),
      description: 'The currency of the amount, and of the wallet that it is for.',
      example: fallback,
    });
}

/** A currency that may be left out, and is checked against what it is about once that has been read. */
export function namedCurrencyField() {
  return z
    .string(NOT_A_CURRENCY)
    .refine(isKnownCurrency, {
      error: ({ input }) => explainUnusableCurrency(String(input)) ?? NOT_A_CURRENCY,
    })
    .optional()
    .meta({
      ...describedAs({ type: 'string', enum: knownCurrencies().toSorted() }),
      description: 'The currency of the amount.',
    });
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
