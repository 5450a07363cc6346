import { z } from 'zod';

type AmountFields<Name extends string> = Record<Name, z.ZodNumber> & Record<`${Name}_minor`, z.ZodString>;

/** An amount in minor units, as a string. */
export const minorField = z.string().regex(/^-?[0-9]+$/);

/** The amount members of an answer, by name and description: each as a number, and beside it as `..._minor`, in minor units. */
export function amountFields<Name extends string>(
  meanings: Readonly<Record<Name, string | undefined>>,
): AmountFields<Name> {
  const fields: Record<string, z.ZodType> = {};
  for (const [name, meaning] of Object.entries<string | undefined>(meanings)) {
    fields[name] = meaning ? z.number().meta({ description: meaning }) : z.number();
    fields[`${name}_minor`] = minorField.meta({
      description: `\`${name}\` in minor units, as a string: exact even where a JSON number would lose digits.`,
    });
  }
  return fields as AmountFields<Name>;
}
