import { CommandUnavailable } from '../../commands/command-outcome.ts';
import { findWrongDatabase } from '../../database/sessions/wrong-database.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { CommitOutcomeUnknown } from '../../database/transactions/commit-outcome.ts';
import { Problem } from './problem.ts';

const UNAVAILABLE = {
  overload: 'overloaded',
  wallet: 'wallet-busy',
  database: 'database-unavailable',
} as const;

/** Turns whatever a request ended with into the problem that its client is told. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof CommitOutcomeUnknown) return new Problem('write-outcome-unknown', { cause: error });
  if (findWrongDatabase(error)) {
    return new Problem('database-unavailable', {
      detail:
        'The address of the database leads to another server, which is not in use as ours. Nothing was done. An operator has to see to it.',
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

/** Express could not decode the path. */
function pathProblem(error: unknown): Problem | undefined {
  if (!(error instanceof URIError)) return undefined;
  return new Problem('malformed-request', {
    detail: 'The path is not well formed: its percent-encoding cannot be read.',
    errors: [{ field: 'path', message: 'must be valid percent-encoding' }],
    cause: error,
  });
}
