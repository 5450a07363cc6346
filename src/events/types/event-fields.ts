import { z } from 'zod';

/** The id of something, as the API shows it. */
export const idMember = z.int().positive();
export const idOrNullMember = idMember.nullable();

/** A time in RFC 3339 format, in UTC. */
export const timeMember = z.iso.datetime();

export const currencyMember = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .meta({ description: 'ISO 4217.' });

type Amounts<Name extends string> = Record<Name | `${Name}_minor`, z.ZodString>;

/**
 * The members of amounts, by name and description: each as decimal text, exact for any size, and beside it as `..._minor`, in minor units of
 * the event's currency.
 */
export function amountMembers<Name extends string>(
  meanings: Readonly<Record<Name, string | undefined>>,
): Amounts<Name> {
  const members: Record<string, z.ZodString> = {};
  for (const [name, description] of Object.entries<string | undefined>(meanings)) {
    const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
    members[name] = description ? decimal.meta({ description }) : decimal;
    members[`${name}_minor`] = z
      .string()
      .regex(/^-?\d+$/)
      .meta({ description: `\`${name}\` in minor units.` });
  }
  return members as Amounts<Name>;
}
