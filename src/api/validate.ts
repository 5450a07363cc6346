import type { z } from 'zod';
import { type FieldError, Problem } from './problem.ts';

const MAX_ERRORS = 20;

/**
 * Checks a part of a request.
 * @param where names the part when the problem is with the whole of it.
 * @throws Problem that names each field which does not fit.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => describeIssue(issue, where)).slice(0, MAX_ERRORS);
  throw new Problem('validation-failed', {
    detail: `${errors.map(({ field, message }) => `${field} ${message}`).join('; ')}.`,
    errors,
  });
}

function describeIssue(issue: z.core.$ZodIssue, where: string): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: key.slice(0, 100), message: 'is not known here' }));
  }
  return [{ field: issue.path.join('.') || where, message: issue.message }];
}
