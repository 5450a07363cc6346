import { AcceptanceOutcomeUnknown, AcceptanceUnavailable } from '../payments/acceptance.ts';
import { classifyDatabaseError } from '../shared/classify-database-error.ts';
import { CommitOutcomeUnknown } from '../shared/transaction.ts';
import { Problem } from './problem.ts';
import type { ProblemCode } from './problem-catalogue.ts';

const RETRY_AFTER = { 'Retry-After': '1' };

/** What body-parser and Express say of a request that they cannot read, by the type or status of their error. */
const PARSER_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  'entity.too.large': 'body-too-large',
  'entity.parse.failed': 'malformed-request',
  'encoding.unsupported': 'unsupported-media-type',
  'charset.unsupported': 'unsupported-media-type',
};

/** Turns whatever a request ended with into the problem that its client is told. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof AcceptanceOutcomeUnknown || error instanceof CommitOutcomeUnknown) {
    return new Problem('accept-outcome-unknown', { headers: RETRY_AFTER, cause: error });
  }
  if (error instanceof AcceptanceUnavailable) {
    const code = error.reason === 'overload' ? 'overloaded' : 'database-unavailable';
    return new Problem(code, { headers: RETRY_AFTER, cause: error });
  }
  if (classifyDatabaseError(error).isUnavailable) {
    return new Problem('database-unavailable', { headers: RETRY_AFTER, cause: error });
  }
  return parserProblem(error) ?? new Problem('internal', { cause: error });
}

function parserProblem(error: unknown): Problem | undefined {
  // Express could not decode the path.
  if (error instanceof URIError) {
    return new Problem('malformed-request', {
      detail: 'The path is not well formed: its percent-encoding cannot be read.',
      errors: [{ field: 'path', message: 'must be valid percent-encoding' }],
      cause: error,
    });
  }
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined;
  const type = 'type' in error ? String(error.type) : '';
  const code = PARSER_PROBLEMS[type] ?? 'malformed-request';
  return new Problem(code, {
    ...(code === 'malformed-request' ? { detail: 'The body is not valid JSON. Nothing was done.' } : {}),
    errors: [
      { field: 'body', message: code === 'malformed-request' ? 'must be valid JSON' : 'does not fit' },
    ],
    cause: error,
  });
}
