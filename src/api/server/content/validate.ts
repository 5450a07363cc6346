import { z } from 'zod';
import { cutText } from '../../../text/text.ts';
import { type FieldError, Problem } from '../../problems/problem.ts';

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
  const result = schema.safeParse(value, { error: explain });
  if (result.success) return result.data;
  const isList = schema instanceof z.ZodObject && 'cursor' in schema.shape;
  const repeated = where === 'query' ? findRepeated(result.error.issues, value) : [];
  const errors = [
    ...repeated.map((field) => ({ field, message: 'must be given once' })),
    ...result.error.issues
      .flatMap((issue) => describeIssue(issue, { where, isList }))
      .filter(({ field }) => !repeated.includes(field)),
  ].slice(0, MAX_ERRORS);
  throw new Problem('validation-failed', {
    detail: `${errors.map(({ field, message }) => `${field} ${message}`).join('; ')}.`,
    errors,
  });
}

/** Parameters that do not fit because they were given more than once, whatever else a schema has against a list. */
function findRepeated(issues: readonly z.core.$ZodIssue[], query: unknown): string[] {
  const names = issues
    .filter(({ path }) => path.length === 1)
    .map(({ path: [name] }) => String(name))
    .filter((name) => Array.isArray((query as Record<string, unknown>)[name]));
  return [...new Set(names)];
}

/** Names under which other services take a place in a list by its number, which moves while rows come and go. */
const PLACES_BY_NUMBER: ReadonlySet<string> = new Set(['offset', 'page', 'skip']);

function describeIssue(
  issue: z.core.$ZodIssue,
  { where, isList }: { readonly where: string; readonly isList: boolean },
): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: cutText(key, 100) || '""',
      message:
        isList && PLACES_BY_NUMBER.has(key)
          ? 'is not known here: to go on, give next_cursor of the page before as cursor'
          : 'is not known here',
    }));
  }
  return [{ field: issue.path.join('.') || where, message: issue.message }];
}

/** In the words of someone who reads a request, not a schema; a message that a schema brings of its own comes first. */
const explain: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.code !== 'invalid_type') return undefined;
  return issue.expected === 'object' ? 'must be a JSON object' : undefined;
};
