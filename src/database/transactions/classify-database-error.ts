import pg from 'pg';
import { WrongDatabase } from '../sessions/wrong-database.ts';

/** The kind of a database error, as far as a caller can act on it. */
export type DatabaseErrorKind =
  /** The database is unreachable, shutting down, a standby, or out of disk space or connections. */
  | 'connection'
  | 'timeout'
  /** The server lacks memory, locks or temporary files for this much: a smaller batch may succeed. */
  | 'too_much'
  | 'lock_timeout'
  | 'serialization'
  /** The session's prepared statements are not what we expect; a new connection solves it. */
  | 'stale_session'
  /** The database denies access, in general or to this object. An operator must fix it, and then it passes. */
  | 'access_refused'
  | 'unique_violation'
  | 'check_violation'
  /** A value that the database does not accept. */
  | 'bad_value'
  /** Trouble with the server's machine: a file or disk that it cannot use at the moment. It may affect one row only. */
  | 'system_failure'
  /** Trouble in the server itself: a corrupt page, an impossible state. */
  | 'server_failure'
  /** A statement that cannot work: wrong syntax, a missing table, an impossible state. A bug. */
  | 'defect'
  /** An SQLSTATE that is not listed here. */
  | 'unclassified'
  | 'not_a_database_error';

export interface DatabaseErrorClass {
  readonly kind: DatabaseErrorKind;
  /** The same call may succeed later: the database is unavailable, overloaded, or busy with conflicting work. */
  readonly isUnavailable: boolean;
  /** The error does not say what the server did: a COMMIT that ends with it may have happened. */
  readonly leavesOutcomeOpen: boolean;
  /** The connection is unusable, even for a rollback: it is gone, or its server does not answer. */
  readonly isConnectionLost: boolean;
}

const UNAVAILABLE: ReadonlySet<DatabaseErrorKind> = new Set([
  'connection',
  'timeout',
  'too_much',
  'system_failure',
  'lock_timeout',
  'serialization',
  'stale_session',
  'access_refused',
]);

/** Codes that mean something different from the rest of their class. */
const BY_CODE: Readonly<Record<string, DatabaseErrorKind>> = {
  // A plan that a migration made obsolete, and prepared statements that a pooler mixed up.
  '0A000': 'stale_session',
  '26000': 'stale_session',
  '42P05': 'stale_session',
  '23505': 'unique_violation',
  '23514': 'check_violation',
  // A standby, as during a failover.
  '25006': 'connection',
  '25P03': 'timeout',
  '25P04': 'timeout',
  '42501': 'access_refused',
  '53200': 'too_much',
  '53400': 'too_much',
  '55P03': 'lock_timeout',
  '57014': 'timeout',
};

/** The first two characters of a code: "an application that does not recognize the code can infer what to do from its class". */
const BY_CLASS: Readonly<Record<string, DatabaseErrorKind>> = {
  '08': 'connection',
  '22': 'bad_value',
  '23': 'bad_value',
  '28': 'access_refused',
  '3D': 'access_refused',
  '40': 'serialization',
  '53': 'connection',
  '54': 'bad_value',
  '57': 'connection',
  '58': 'system_failure',
  XX: 'server_failure',
  ...Object.fromEntries(
    // Success and warnings are not errors; one that is reported as an error is a defect, like the rest of these.
    '00 01 02 03 09 0A 0B 0F 0L 0P 0Z 10 20 21 24 25 26 27 2B 2D 2F 34 38 39 3B 3F 42 44 55 F0 HV P0'
      .split(' ')
      .map((sqlStateClass) => [sqlStateClass, 'defect']),
  ),
};

/** What an error says about its session, and about sessions that were opened before it. */
export type SessionVerdict =
  | 'usable'
  /** The session has ended, or its state cannot be trusted. */
  | 'spoiled'
  /** What the server said about this session applies to all our other sessions, too. */
  | 'all_suspect';

/**
 * Errors that end a session (25P03 and 25P04: its transaction took too long; 57P: the operator, a crash, a server that is starting or
 * stopping), and trouble in the server itself, after which the session's state is unknown.
 */
const SPOILING = /^(08|57P|58|XX|25P03|25P04|40003)/;
const READ_ONLY = '25006';

/** Judges a session by the SQLSTATE of an error that it returned. */
export function judgeSession(code: string | undefined): SessionVerdict {
  if (code === undefined) return 'usable';
  // The server has become a standby or is fenced off for a switchover; or a migration or a pooler has made all plans obsolete at once.
  if (code === READ_ONLY || BY_CODE[code] === 'stale_session') return 'all_suspect';
  return SPOILING.test(code) ? 'spoiled' : 'usable';
}

// 08 is the connection, 57P the operator or a crash, 58 and XX the server's own trouble, 40003 "completion unknown".
const OPEN_OUTCOME = /^(08|57P|58|XX|40003)/;

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENOTCONN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  // This machine has no port, file descriptor or buffer left for a connection.
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ERR_SOCKET_CLOSED',
  'ERR_SOCKET_CLOSED_BEFORE_CONNECTION',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
const TLS_CODES =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO$|ERR_OSSL_)/;

// pg, pg-pool, knex and tarn report these without a code.
const CONNECTION_MESSAGES =
  /connection terminated|client has encountered a connection error|not queryable|timeout exceeded when trying to connect|timeout expired|acquir(ing|e) a connection|client was closed|cannot use a pool after|received unexpected \w+ message from backend|^aborted$/i;
const TIMEOUT_MESSAGES = /query read timeout|no answer from the database/i;
const ACCESS_MESSAGES = /^SASL|does not support SSL|establishing an SSL connection/;

/**
 * Classifies an error of a database call.
 * Codes: PostgreSQL documentation, appendix "PostgreSQL Error Codes".
 */
export function classifyDatabaseError(error: unknown): DatabaseErrorClass {
  if (error instanceof pg.DatabaseError) {
    const code = error.code ?? '';
    const kind = isRefusedByPooler(error)
      ? 'access_refused'
      : (BY_CODE[code] ?? BY_CLASS[code.slice(0, 2)] ?? 'unclassified');
    const leavesOutcomeOpen = kind === 'unclassified' || OPEN_OUTCOME.test(code);
    // The server has answered, so it may still be there; if it is not, a rollback finds out at once.
    return { kind, isUnavailable: UNAVAILABLE.has(kind), leavesOutcomeOpen, isConnectionLost: false };
  }
  const kind = kindOfClientError(error);
  const isConnectionLost = kind !== 'not_a_database_error';
  return { kind, isUnavailable: UNAVAILABLE.has(kind), leavesOutcomeOpen: true, isConnectionLost };
}

/** A pooler refused the session's startup settings. This does not change until somebody configures the pooler. */
export function isRefusedByPooler(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^unsupported startup parameter/.test(error.message);
}

function kindOfClientError(error: unknown): DatabaseErrorKind {
  if (typeof error !== 'object' || error === null) return 'not_a_database_error';
  if (error instanceof WrongDatabase) return 'access_refused';
  // A host with several addresses fails with one AggregateError, which has the code of the first.
  const code = 'code' in error ? String(error.code) : '';
  if (SOCKET_CODES.has(code)) return 'connection';
  // The path of a Unix socket that no server has open.
  if ('syscall' in error && error.syscall === 'connect') return 'connection';
  if (TLS_CODES.test(code)) return 'access_refused';
  const message = 'message' in error ? String(error.message) : '';
  if (TIMEOUT_MESSAGES.test(message)) return 'timeout';
  if (CONNECTION_MESSAGES.test(message)) return 'connection';
  if (ACCESS_MESSAGES.test(message)) return 'access_refused';
  return 'not_a_database_error';
}
