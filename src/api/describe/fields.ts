import { z } from 'zod';
import { ExactNumber } from '../../money/exact-number.ts';
import { countCharacters } from '../../text/text.ts';
import { hasInvisible, isVisible, NAME_PATTERN, VISIBLE_TEXT_PATTERN } from '../../text/visible-text.ts';
import { describedAs } from './described-as.ts';

const MOST_ID = Number.MAX_SAFE_INTEGER;
const ID_RANGE = `must be from 1 to ${MOST_ID}`;
const idDescription = describedAs({ type: 'integer', minimum: 1, maximum: MOST_ID });

/** An id in a body. */
export const idField = z
  .int({
    error: ({ input }) => {
      if (input === undefined) return 'is required';
      return isLargeWhole(input) ? ID_RANGE : 'must be a positive integer';
    },
  })
  .positive('must be a positive integer')
  .transform(BigInt)
  .meta(idDescription);

/** Whether a JSON number is a whole number larger than any id. */
function isLargeWhole(input: unknown): boolean {
  const isNumber = typeof input === 'number' || input instanceof ExactNumber;
  // At this size a double has no fraction left.
  return isNumber && Number(String(input)) > MOST_ID;
}

/** An id in a path or a query, in JSON's notation: no sign, no leading zeros. */
export const idText = z
  .string()
  .regex(/^(?:0|[1-9]\d*)$/, { error: 'must be a positive integer', abort: true })
  .transform(BigInt)
  .refine((id) => id > 0n && id <= BigInt(MOST_ID), ID_RANGE)
  .meta(idDescription);

/** An id in an answer. */
export const answeredId = z.int().meta(idDescription);

/** A time in an answer. */
export const timeField = z.string().meta({ format: 'date-time' });

/**
 * Text that is stored, trimmed. It must contain a visible character, and no NUL, which PostgreSQL cannot store. Its length is counted in
 * Unicode characters, as JSON Schema counts, before trimming.
 */
export function textField({ most }: { readonly most: number }) {
  return checkedText({ most, pattern: VISIBLE_TEXT_PATTERN });
}

/** A name or an id that is stored: text without invisible characters. */
export function nameField({ most }: { readonly most: number }) {
  return checkedText({ most, pattern: NAME_PATTERN, mayHide: false });
}

function checkedText({
  most,
  pattern,
  mayHide = true,
}: {
  readonly most: number;
  readonly pattern: string;
  readonly mayHide?: boolean;
}) {
  return (
    z
      .string({ error: (issue) => (issue.input === undefined ? 'is required' : 'must be text') })
      .refine((text) => text.trim() !== '', { error: 'must not be empty', abort: true })
      .refine(isVisible, 'must contain a visible character')
      .refine((text) => countCharacters(text) <= most, `must have at most ${most} characters`)
      // Report one error only: in a name, NUL would also be reported as an invisible character.
      .refine((text) => !text.includes('\0'), { error: 'must not contain the character NUL', abort: true })
      // Half of a surrogate pair cannot be encoded in UTF-8; the database would get U+FFFD instead.
      .refine((text) => text.isWellFormed(), 'must be well-formed text')
      .refine((text) => mayHide || !hasInvisible(text), 'must not contain invisible characters')
      .overwrite((text) => text.trim())
      .meta(describedAs({ type: 'string', minLength: 1, maxLength: most, pattern }))
  );
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
    .regex(/^(?:0|[1-9]\d{0,8})$/, message)
    .transform(Number)
    .refine((count) => count >= least && count <= most, message)
    .default(fallback)
    .meta(describedAs({ type: 'integer', minimum: least, maximum: most, default: fallback }));
}

/** A person's statement that the evidence is wrong. */
export const overrideField = z.boolean('must be true or false').default(false).meta({
  description:
    'Go on although there is evidence that the money moved. The evidence is kept, with who overrode it and why.',
});
