import { z } from 'zod';
import {
  explainUnusableCurrency,
  isKnownCurrency,
  knownCurrencies,
  NOT_A_CURRENCY,
} from '../../money/currency.ts';
import { describedAs } from './described-as.ts';
import { keepBuilt } from './keep-built.ts';

/**
 * The ISO 4217 currency of the amounts in a body; `fallback` if the body names none.
 * @param isForWallets whether a wallet will be opened in the currency, which must then not be a retired one.
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
      description: 'The currency of the amount and of the wallet.',
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

/** An optional currency, checked later against the payment that the request is about. */
export function namedCurrencyField() {
  return codeField(isKnownCurrency)
    .optional()
    .meta({ ...describedCode(isKnownCurrency), description: 'The currency of the amount.' });
}

/**
 * The schemas of a body whose amounts are read in the currency that it names: `body` is the schema for the default currency, `bodyFor` the
 * schema for a given body. For a body that names an unknown currency, `bodyFor` returns the default schema, which reports the currency as
 * the error.
 */
export function bodyByCurrency<Body>({
  fallback,
  build,
}: {
  readonly fallback: string;
  readonly build: (currency: string) => Body;
}): { readonly body: Body; readonly bodyFor: (sent: unknown) => Body } {
  const bodyIn = keepBuilt(build);
  return { body: bodyIn(fallback), bodyFor: (sent) => bodyIn(namedCurrency(sent) ?? fallback) };
}

function namedCurrency(sent: unknown): string | undefined {
  const named = (sent as { readonly currency?: unknown } | null | undefined)?.currency;
  return typeof named === 'string' && isKnownCurrency(named) ? named : undefined;
}
