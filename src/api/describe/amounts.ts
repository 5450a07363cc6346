import { z } from 'zod';

type AmountFields<Name extends string> = Record<Name, z.ZodNumber> & Record<`${Name}_minor`, z.ZodString>;

/** An amount in text, in minor units. */
export const minorField = z.string().regex(/^-?[0-9]+$/);

/**
 * The members of an answer that carry amounts, by name, with what each is: the amount as a number, and beside it, as
 * `..._minor`, the same in minor units.
 */
export function amountFields<Name extends string>(
  meanings: Readonly<Record<Name, string | undefined>>,
): AmountFields<Name> {
  const fields: Record<string, z.ZodType> = {};
  for (const [name, meaning] of Object.entries<string | undefined>(meanings)) {
    fields[name] = meaning ? z.number().meta({ description: meaning }) : z.number();
    fields[`${name}_minor`] = minorField.meta({
      description: `\`${name}\` in minor units, as text: exact where a number may lose digits.`,
    });
  }
  return fields as AmountFields<Name>;
}
