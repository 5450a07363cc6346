import { amountToJson } from '../../money/decimal-amount.ts';

/** Each amount in major units, and beside it in minor units. */
export type RenderedAmounts<Name extends string> = Record<Name, number> & Record<`${Name}_minor`, string>;

/**
 * Renders amounts in minor units by their names: a JSON number for people, which cannot carry more than 15 digits in most
 * languages, and beside it, as `..._minor`, text with the minor units, which is exact whatever reads it.
 */
export function renderAmounts<Name extends string>(
  amountsMinor: Readonly<Record<Name, bigint>>,
  currency: string,
): RenderedAmounts<Name> {
  const rendered: Record<string, number | string> = {};
  for (const [name, amountMinor] of Object.entries<bigint>(amountsMinor)) {
    rendered[name] = amountToJson(amountMinor, currency);
    rendered[`${name}_minor`] = amountMinor.toString();
  }
  return rendered as RenderedAmounts<Name>;
}
