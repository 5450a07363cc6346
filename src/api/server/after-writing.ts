import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { Problem } from '../problems/problem.ts';

/**
 * Reads what an operation has just written, or where it wrote nothing (`isWritten` is false) what was there before.
 * @throws Problem that says that it was done, where the database is away by now: another try would be one too many.
 */
export async function afterWriting<Result>(
  read: () => Promise<Result>,
  { isWritten = true }: { readonly isWritten?: boolean } = {},
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!isWritten || !classifyDatabaseError(error).isUnavailable) throw error;
    throw new Problem('write-outcome-unknown', {
      detail: 'It was done, and what there is now could not be read. Read it instead of sending this again.',
      cause: error,
    });
  }
}
