import { CommandUnavailable } from '../../commands/command-outcome.ts';
import { findWrongDatabase } from '../../database/sessions/wrong-database.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { CommitOutcomeUnknown } from '../../database/transactions/commit-outcome.ts';
import { Problem } from './problem.ts';

const UNAVAILABLE = {
  overload: 'overloaded',
  wallet: 'wallet-busy',
  halted: 'integrity-violated',
  database: 'database-unavailable',
} as const;

/** Turns any error that ended a request into the problem that its client sees. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof CommitOutcomeUnknown) return new Problem('write-outcome-unknown', { cause: error });
  if (findWrongDatabase(error)) {
    return new Problem('database-unavailable', {
      detail:
        'The database address leads to a different server, which Tollgate does not use. Nothing was done. An operator must correct this.',
      cause: error,
    });
  }
  if (error instanceof CommandUnavailable) {
    return new Problem(UNAVAILABLE[error.reason], { cause: error });
  }
  if (classifyDatabaseError(error).isUnavailable) {
    return new Problem('database-unavailable', { cause: error });
  }
  return pathProblem(error) ?? new Problem('internal', { cause: error });
}

/** Express throws a URIError when it cannot decode the path. */
function pathProblem(error: unknown): Problem | undefined {
  if (!(error instanceof URIError)) return undefined;
  return new Problem('malformed-request', {
    detail: 'The path is malformed: its percent-encoding cannot be decoded.',
    errors: [{ field: 'path', message: 'must be valid percent-encoding' }],
    cause: error,
  });
}
