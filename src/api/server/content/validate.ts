import { z } from 'zod';
import { cutText } from '../../../text/text.ts';
import { type FieldError, Problem } from '../../problems/problem.ts';

const MAX_ERRORS = 20;

/**
 * Checks a part of a request.
 * @param where names the part, for an error that is about the whole of it.
 * @throws Problem that names each field that is not valid.
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
  const errors = withoutEcho([
    ...repeated.map((field) => ({ field, message: 'must be given once' })),
    ...result.error.issues
      .flatMap((issue) => describeIssue(issue, { where, isList }))
      .filter(({ field }) => !repeated.includes(field)),
  ]).slice(0, MAX_ERRORS);
  throw new Problem('validation-failed', {
    detail: `${errors.map(({ field, message }) => `${field} ${message}`).join('; ')}.`,
    errors,
  });
}

/** Several rules of a schema may say the same of one value. */
function withoutEcho(errors: readonly FieldError[]): FieldError[] {
  const said = new Map(errors.map((error) => [JSON.stringify([error.field, error.message]), error]));
  return [...said.values()];
}

/** Parameters that are invalid because they were given more than once. This says more than the schema's own complaint about a list. */
function findRepeated(issues: readonly z.core.$ZodIssue[], query: unknown): string[] {
  const names = issues
    .filter(({ path }) => path.length === 1)
    .map(({ path: [name] }) => String(name))
    .filter((name) => Array.isArray((query as Record<string, unknown>)[name]));
  return [...new Set(names)];
}

/** Names that other services use for paging by position. Positions shift while rows are added and removed. */
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
          ? 'is not a parameter of this list: for the next page, send the next_cursor of this page as cursor'
          : 'is not recognized',
    }));
  }
  return [{ field: issue.path.join('.') || where, message: issue.message }];
}

/** Describes the fault in terms of the request, not the schema. A schema's own message takes precedence. */
const explain: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.code !== 'invalid_type') return undefined;
  return issue.expected === 'object' ? 'must be a JSON object' : undefined;
};
