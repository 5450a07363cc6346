/**
 * The database address leads to a database that must not be used: a copy on another server, or one without our tables. The message tells an
 * operator in one sentence what to run.
 */
export class WrongDatabase extends Error {
  override readonly name = 'WrongDatabase';
}

/** The WrongDatabase that an error is or was caused by. */
export function findWrongDatabase(error: unknown): WrongDatabase | undefined {
  if (error instanceof WrongDatabase) return error;
  return error instanceof Error && error.cause !== undefined ? findWrongDatabase(error.cause) : undefined;
}
