import { z } from 'zod';
import type { ListName } from '../../database/list-cursor.ts';
import type { AmountFilter, CreatedFilter } from '../../database/list-page.sql.ts';
import { parseTimestamp, TIMESTAMP_PATTERN } from '../../text/timestamp.ts';
import { cursorField } from '../server/cursor.ts';
import { amountField, decimalPattern, MOST_CHARACTERS } from './amount-field.ts';
import { describedAs } from './described-as.ts';
import { countText } from './fields.ts';

const timeText = z.string().transform((text, context) => {
  const time = parseTimestamp(text);
  if (time !== undefined) return time;
  const wasPlus = parseTimestamp(text.replace(' ', '+')) !== undefined;
  const message = wasPlus
    ? 'must have its plus sign encoded as %2B'
    : 'must be a time with a UTC offset, such as 2026-01-01T12:00:00Z';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** An optional time in a query or a body, in RFC 3339 format. */
export function describedTime(what: string) {
  return timeText.optional().meta({
    ...describedAs({ type: 'string', format: 'date-time', pattern: TIMESTAMP_PATTERN }),
    description: what,
    example: '2026-01-01T12:00:00Z',
  });
}

/** Bounds of a list by time: from one moment, up to but not including another. */
export const createdFields = {
  created_after: describedTime('Only entries of this time or later.'),
  created_before: describedTime('Only entries before this time.'),
};

/** Bounds of a list of payments by amount, both inclusive. */
export function amountFields(currency: string) {
  const amount = (what: string) =>
    z
      .string()
      .pipe(amountField({ currency, least: 0n }))
      .optional()
      .meta({
        ...describedAs({ type: 'string', pattern: decimalPattern(currency, 0n), maxLength: MOST_CHARACTERS }),
        description: `${what} Only payments in ${currency}.`,
      });
  return {
    amount_min: amount('This amount or more.'),
    amount_max: amount('This amount or less.'),
  };
}

/** The query of a list: its filters, where the page begins, and how long it is. */
export function listQuery<Filters extends z.ZodRawShape>(list: ListName, filters: Filters) {
  return z
    .strictObject({
      ...filters,
      limit: countText({ least: 1, most: 200, fallback: 50 }),
      cursor: cursorField(list).optional(),
    })
    .superRefine(refuseEmptySpans);
}

function refuseEmptySpans(query: object, context: z.RefinementCtx): void {
  const { created_after, created_before, amount_min, amount_max } = query as {
    created_after?: string;
    created_before?: string;
    amount_min?: bigint;
    amount_max?: bigint;
  };
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  if (created_after !== undefined && created_before !== undefined && created_after >= created_before)
    refuse('created_before', 'must be later than created_after');
  if (amount_min !== undefined && amount_max !== undefined && amount_min > amount_max)
    refuse('amount_max', 'must not be less than amount_min');
}

/** The same filters, in the form that the list queries take. */
export function toCreatedFilter(query: {
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
}): CreatedFilter {
  return { createdAfter: query.created_after, createdBefore: query.created_before };
}

export function toAmountFilter(
  query: { readonly amount_min?: bigint | undefined; readonly amount_max?: bigint | undefined },
  currency: string,
): AmountFilter {
  const { amount_min: least, amount_max: most } = query;
  if (least === undefined && most === undefined) return {};
  return { amounts: { currency, leastMinor: least ?? null, mostMinor: most ?? null } };
}
