import { WrongDatabase } from '../sessions/wrong-database.ts';
import { classifyDatabaseError } from './classify-database-error.ts';

/** Errors that ended a transaction that was certainly rolled back. */
const rolledBack = new WeakSet<object>();

/** Marks an error: nothing of its transaction was written. */
export function markRolledBack(error: unknown): void {
  if (typeof error === 'object' && error !== null) rolledBack.add(error);
}

/** The server refused the connection: it is starting, stopping, or full (PostgreSQL's "Error Codes"). */
const NOT_LET_IN = new Set(['57P03', '53300', '28000', '28P01', '3D000']);
const NOT_CONNECTED =
  /when trying to connect|due to connection timeout|acquir(ing|e) a connection|timeout expired/i;
const CONNECTING = new Set(['connect', 'getaddrinfo']);

/**
 * Whether a statement that ended with this error may have been carried out. It was not if its transaction was rolled back, if the server
 * itself reports the failure, or if there was no connection to send it on.
 */
export function mayHaveBeenWritten(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (rolledBack.has(error) || error instanceof WrongDatabase) return false;
  const { code, syscall, message } = error as { code?: string; syscall?: string; message?: string };
  if (NOT_LET_IN.has(code ?? '') || CONNECTING.has(syscall ?? '') || NOT_CONNECTED.test(message ?? ''))
    return false;
  return classifyDatabaseError(error).leavesOutcomeOpen;
}
