/**
 * An amount with its currency. An amount means nothing without its currency, so the two stay together from the request to the entry.
 * Everything with an amount (a request, a payment, a hold, a leg) extends this; its other amounts are in the same currency.
 */
export interface Money {
  /** In minor units of the currency: 19999n USD is 199.99 USD. */
  readonly amountMinor: bigint;
  /** ISO 4217, for example `USD`. */
  readonly currency: string;
}

/** Adds up amounts for each currency separately, in the order in which the currencies first appear. */
export function sumByCurrency(amounts: Iterable<Money>): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { amountMinor, currency } of amounts)
    sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
  return sums;
}
