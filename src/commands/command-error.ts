import { CoalescerFull, CoalescerLate } from '../background/coalescer.ts';
import { classifyDatabaseError } from '../database/transactions/classify-database-error.ts';
import { CommitOutcomeUnknown } from '../database/transactions/commit-outcome.ts';
import { CommandUnavailable } from './command-outcome.ts';

/** What an error means to the command's caller. Returns errors that are not about the database's availability unchanged. */
export function toCommandError(error: unknown): unknown {
  if (error instanceof CommandUnavailable || error instanceof CommitOutcomeUnknown) return error;
  if (error instanceof CoalescerFull || error instanceof CoalescerLate)
    return new CommandUnavailable('overload', { cause: error });
  const { isUnavailable } = classifyDatabaseError(error);
  return isUnavailable ? new CommandUnavailable('database', { cause: error }) : error;
}
