import { z } from 'zod';
import { ExactNumber } from '../../shared/exact-number.ts';
import { type AmountProblem, formatAmount, MAX_AMOUNT_MINOR, parseAmount } from '../../shared/money.ts';
import { hasInvisible, isVisible } from '../../shared/visible-text.ts';

const MAX_ID_DIGITS = 16;

/** A schema for an amount as requests carry it: a JSON number or a decimal string, read exactly as minor units. */
export function amountField({ currency, least }: { readonly currency: string; readonly least: 0n | 1n }) {
  return z
    .any()
    .transform((value, context): bigint => {
      const fail = (message: string) => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      if (value === undefined) return fail('is required');
      const isText = typeof value === 'number' || typeof value === 'string' || value instanceof ExactNumber;
      const parsed = isText ? parseAmount(String(value), currency) : { kind: 'not-a-decimal' as const };
      if (parsed.kind !== 'amount') return fail(explainAmountProblem(parsed, currency));
      if (parsed.amountMinor < least)
        return fail(least === 0n ? 'must not be negative' : 'must be greater than 0');
      return parsed.amountMinor;
    })
    .meta({
      override: {
        anyOf: [
          { type: 'number', [least === 0n ? 'minimum' : 'exclusiveMinimum']: 0 },
          { type: 'string', pattern: '^\\d+(\\.\\d+)?$' },
        ],
      },
      description: `An amount in ${currency}, as a number or a decimal string, with no more decimals than the currency has.`,
    });
}

function explainAmountProblem(problem: AmountProblem, currency: string): string {
  switch (problem.kind) {
    case 'not-a-decimal':
      return 'must be a decimal number, or a string with one';
    case 'too-many-decimals':
      return `must have at most ${problem.scale} decimals in ${currency}`;
    case 'too-large':
      return `must be at most ${formatAmount(MAX_AMOUNT_MINOR, currency)}`;
  }
}

/** An id in a body. */
export const idField = z
  .int({ error: (issue) => (issue.input === undefined ? 'is required' : 'must be a positive integer') })
  .positive('must be a positive integer')
  .transform(BigInt)
  .meta({ override: { type: 'integer', minimum: 1 } });

/** An id in a path or a query. */
export const idText = z
  .string()
  .regex(/^\d+$/, 'must be a positive integer')
  .max(MAX_ID_DIGITS, 'must be at most 9007199254740991')
  .transform(BigInt)
  .refine((id) => id > 0n && id <= BigInt(Number.MAX_SAFE_INTEGER), 'must be from 1 to 9007199254740991')
  .meta({ override: { type: 'integer', minimum: 1 } });

/** Text that is kept: trimmed, not empty, and without NUL, which PostgreSQL has no place for. */
export function textField({ most }: { readonly most: number }) {
  return (
    z
      .string({ error: (issue) => (issue.input === undefined ? 'is required' : 'must be text') })
      .trim()
      .min(1, { error: 'must not be empty', abort: true })
      .refine(isVisible, 'must hold something that can be seen')
      .max(most, `must have at most ${most} characters`)
      // One finding is enough: to a name, NUL is an invisible character besides.
      .refine((text) => !text.includes('\0'), { error: 'must not contain the character NUL', abort: true })
      // Half of a surrogate pair has no UTF-8; the database would be sent U+FFFD instead.
      .refine((text) => text.isWellFormed(), 'must be well-formed text')
  );
}

/** A name or an id that is kept: text in which nothing hides. */
export function nameField({ most }: { readonly most: number }) {
  return textField({ most }).refine((text) => !hasInvisible(text), 'must not hold invisible characters');
}

/** A count in a query. */
export function countText({
  least,
  most,
  fallback,
}: {
  readonly least: number;
  readonly most: number;
  readonly fallback: number;
}) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((count) => count >= least && count <= most, message)
    .default(fallback)
    .meta({ override: { type: 'integer', minimum: least, maximum: most, default: fallback } });
}

/** The word of a person who knows better than what is recorded. */
export const overrideField = z.boolean('must be true or false').default(false).meta({
  description:
    'Goes on although something recorded says that the money moved. What was overridden is kept, with who and why.',
});
