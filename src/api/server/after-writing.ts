import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { Problem } from '../problems/problem.ts';

/**
 * Reads what an operation has just written, or, if it wrote nothing (`isWritten` is false), what was there before.
 * @throws Problem that says that the write was done, if the database has become unavailable since: a retry would write it twice.
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
      detail:
        'The request was carried out, but the result could not be read. Read it instead of sending the request again.',
      cause: error,
    });
  }
}
