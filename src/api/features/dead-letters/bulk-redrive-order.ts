import { z } from 'zod';
import { MOST_NAMED_LETTERS } from '../../../dead-letters/bulk-redrive.ts';
import { DEAD_LETTER_REASONS } from '../../../dead-letters/letters/dead-letter-reasons.ts';
import { idField, nameField, textField } from '../../describe/fields.ts';
import { paymentTypeSchema } from '../../describe/payment-fields.ts';
import { Problem } from '../../problems/problem.ts';

/** How many ids a sentence lists. */
const MOST_LISTED = 20;

export const whoSchema = nameField({ most: 100 });

/** What an operator asks for: which letters, how fast, and why. */
export const bulkRedriveOrderSchema = z.strictObject({
  letters: z
    .array(idField)
    .min(1, 'must not be empty')
    .max(MOST_NAMED_LETTERS, `must have at most ${MOST_NAMED_LETTERS} ids`)
    .superRefine(refuseDoubles)
    .meta({ override: { uniqueItems: true } })
    .optional(),
  reason_is: z
    .union([z.enum(DEAD_LETTER_REASONS), z.array(z.enum(DEAD_LETTER_REASONS)).min(1).max(4)], {
      error: `must be one of ${DEAD_LETTER_REASONS.join(', ')}, or a list of them`,
    })
    .optional()
    .meta({ description: 'Only dead letters with this reason, or with any of these.' }),
  type: paymentTypeSchema.optional(),
  user_id: idField.optional(),
  per_second: z
    .int('must be a whole number')
    .min(1, 'must be from 1 to 100')
    .max(100, 'must be from 1 to 100')
    .default(20),
  by: whoSchema,
  reason: textField({ most: 400 }),
});

export const bulkRedriveOrderExample = {
  reason_is: 'attempts_exhausted',
  per_second: 20,
  by: 'ana',
  reason: 'the gateway is back',
};

/** An order as the redrive takes it. */
export function toOrder({
  letters,
  reason_is,
  type,
  user_id: userId,
  per_second: perSecond,
  by,
  reason,
}: z.output<typeof bulkRedriveOrderSchema>) {
  const reasons = reason_is === undefined ? undefined : [reason_is].flat();
  return { filter: { letterIds: letters, reasons, type, userId }, perSecond, by, reason };
}

function refuseDoubles(ids: readonly bigint[], context: z.RefinementCtx): void {
  const doubles = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
  if (doubles.length > 0)
    context.addIssue({ code: 'custom', message: `must not name a dead letter twice: ${listSome(doubles)}` });
}

/** The refusal of an order that names letters which do not exist. */
export function lettersNotFound(ids: readonly bigint[]): Problem {
  const message = `must be ids of dead letters; none exist with ${listSome(ids)}`;
  return new Problem('validation-failed', {
    detail: `letters ${message}. Nothing was started.`,
    errors: [{ field: 'letters', message }],
  });
}

function listSome(ids: readonly bigint[]): string {
  const rest = ids.length - MOST_LISTED;
  return `${ids.slice(0, MOST_LISTED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
