import { amountToJson } from '../../money/decimal-amount.ts';

/** Each amount in major units and in minor units. */
export type RenderedAmounts<Name extends string> = Record<Name, number> & Record<`${Name}_minor`, string>;

/**
 * Renders amounts, given in minor units by name: as a JSON number for people, which most languages read with at most 15 digits, and as
 * `..._minor`, a string of minor units, which every client reads exactly.
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
