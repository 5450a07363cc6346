/**
 * The database that the address leads to must not be used as the one we work with: a copy on another server, or one without our
 * tables. The message is a sentence for an operator, with what to run.
 */
export class WrongDatabase extends Error {
  override readonly name = 'WrongDatabase';
}

/** The one that an error is, or was caused by. */
export function findWrongDatabase(error: unknown): WrongDatabase | undefined {
  if (error instanceof WrongDatabase) return error;
  return error instanceof Error && error.cause !== undefined ? findWrongDatabase(error.cause) : undefined;
}
