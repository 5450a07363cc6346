import pg from 'pg';

/** What went wrong in the database, as far as a caller can act on it. */
export type DatabaseErrorKind =
  | 'connection'
  | 'timeout'
  | 'lock_timeout'
  | 'serialization'
  | 'unique_violation'
  | 'check_violation'
  | 'other_sql'
  | 'not_a_database_error';

export interface DatabaseErrorClass {
  readonly kind: DatabaseErrorKind;
  /** The same call may well succeed later: the database is away, overloaded or in the way of itself. */
  readonly isUnavailable: boolean;
}

const UNAVAILABLE: ReadonlySet<DatabaseErrorKind> = new Set([
  'connection',
  'timeout',
  'lock_timeout',
  'serialization',
]);

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNABORTED',
]);

// pg and knex report these without a code.
const CONNECTION_MESSAGES =
  /connection terminated|client has encountered a connection error|not queryable|timeout exceeded when trying to connect|timeout expired|acquiring a connection|client was closed|cannot use a pool after/i;
const TIMEOUT_MESSAGES = /query read timeout/i;

/**
 * Classifies an error that came out of a database call.
 * Codes: PostgreSQL documentation, appendix "PostgreSQL Error Codes".
 */
export function classifyDatabaseError(error: unknown): DatabaseErrorClass {
  const kind = kindOf(error);
  return { kind, isUnavailable: UNAVAILABLE.has(kind) };
}

function kindOf(error: unknown): DatabaseErrorKind {
  if (typeof error !== 'object' || error === null) return 'not_a_database_error';
  if (error instanceof pg.DatabaseError) return kindOfSqlState(error.code ?? '');
  // A host with several addresses fails as one AggregateError, which has the code of its first one.
  if ('code' in error && CONNECTION_CODES.has(String(error.code))) return 'connection';
  const message = 'message' in error ? String(error.message) : '';
  if (TIMEOUT_MESSAGES.test(message)) return 'timeout';
  if (CONNECTION_MESSAGES.test(message)) return 'connection';
  return 'not_a_database_error';
}

function kindOfSqlState(code: string): DatabaseErrorKind {
  if (code === '55P03') return 'lock_timeout';
  if (code === '57014' || code === '25P03') return 'timeout';
  if (code === '40001' || code === '40P01') return 'serialization';
  if (code === '23505') return 'unique_violation';
  if (code === '23514') return 'check_violation';
  // 08: connection; 57P: shutdown and crash; 53: no room, memory or connections left; 25006: a standby, as during a failover.
  if (/^(08|57P|53)/.test(code) || code === '25006') return 'connection';
  return 'other_sql';
}
