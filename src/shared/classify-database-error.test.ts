import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { findPostgresBinaries } from '../local/postgres-binaries.ts';
import { classifyDatabaseError, type DatabaseErrorKind } from './classify-database-error.ts';

const sqlError = (code: string) => Object.assign(new pg.DatabaseError('refused', 7, 'error'), { code });
const codedError = (code: string) => Object.assign(new Error('failed'), { code });

/** Every SQLSTATE of PostgreSQL 18, by what it means to us; a code that is not here fails the test below. */
const MEANINGS: Readonly<
  Record<Exclude<DatabaseErrorKind, 'not_a_database_error' | 'unclassified'>, string>
> = {
  connection:
    '08000 08001 08003 08004 08006 08007 08P01 25006 53000 53100 53300 57000 57P01 57P02 57P03 57P04 57P05',
  timeout: '25P03 25P04 57014',
  too_much: '53200 53400',
  lock_timeout: '55P03',
  serialization: '40000 40001 40002 40003 40P01',
  stale_session: '0A000 26000 42P05',
  access_refused: '28000 28P01 3D000 42501',
  unique_violation: '23505',
  check_violation: '23514',
  bad_value: `22000 22001 22002 22003 22004 22005 22007 22008 22009 2200B 2200C 2200D 2200F 2200G 2200H 2200L 2200M 2200N
    2200S 2200T 22010 22011 22012 22013 22014 22015 22016 22018 22019 2201B 2201E 2201F 2201G 2201W 2201X 22021 22022 22023
    22024 22025 22026 22027 2202E 2202G 2202H 22030 22031 22032 22033 22034 22035 22036 22037 22038 22039 2203A 2203B 2203C
    2203D 2203E 2203F 2203G 22P01 22P02 22P03 22P04 22P05 22P06 23000 23001 23502 23503 23P01 54000 54001 54011 54023`,
  system_failure: '58000 58030 58P01 58P02 58P03',
  server_failure: 'XX000 XX001 XX002',
  defect: `00000 01000 01003 01004 01006 01007 01008 0100C 01P01 02000 02001 03000 09000 0B000 0F000 0F001 0L000 0LP01 0P000
    0Z000 0Z002 10608 20000 21000 24000 25000 25001 25002 25003 25004 25005 25007 25008 25P01 25P02 27000 2B000 2BP01 2D000
    2F000 2F002 2F003 2F004 2F005 34000 38000 38001 38002 38003 38004 39000 39001 39004 39P01 39P02 39P03 3B000 3B001 3F000
    42000 42601 42602 42611 42622 42701 42702 42703 42704 42710 42712 42723 42725 42803 42804 42809 42830 42846 42883 428C9
    42939 42P01 42P02 42P03 42P04 42P06 42P07 42P08 42P09 42P10 42P11 42P12 42P13 42P14 42P15 42P16 42P17 42P18 42P19 42P20
    42P21 42P22 44000 55000 55006 55P02 55P04 F0000 F0001 HV000 HV001 HV002 HV004 HV005 HV006 HV007 HV008 HV009 HV00A HV00B
    HV00C HV00D HV00J HV00K HV00L HV00M HV00N HV00P HV00Q HV00R HV010 HV014 HV021 HV024 HV090 HV091 P0000 P0001 P0002 P0003
    P0004`,
};
const meanings = new Map(
  Object.entries(MEANINGS).flatMap(([kind, codes]) =>
    codes.split(/\s+/).map((code) => [code, kind] as const),
  ),
);

test.each([...Object.entries(MEANINGS)])('SQLSTATEs that mean %s', (kind, codes) => {
  const kinds = codes.split(/\s+/).map((code) => [code, classifyDatabaseError(sqlError(code)).kind]);
  expect(kinds).toEqual(kinds.map(([code]) => [code, kind]));
});

test('a pooler that does not take what our sessions begin with is no database that is away', () => {
  const refusal = Object.assign(new pg.DatabaseError('unsupported startup parameter: options', 7, 'error'), {
    code: '08P01',
  });
  expect(classifyDatabaseError(refusal)).toMatchObject({ kind: 'access_refused', isUnavailable: true });
});

test('no SQLSTATE of the server is left to chance', () => {
  const list = path.join(findPostgresBinaries().root, 'share', 'postgresql', 'errcodes.txt');
  const codes = [...readFileSync(list, 'utf8').matchAll(/^([0-9A-Z]{5})\s/gm)].map((match) => match[1]);
  expect(codes.length).toBeGreaterThan(200);
  expect(codes.filter((code) => !meanings.has(code as string))).toEqual([]);
});

test('a code that PostgreSQL adds to a class it has today is taken for one of its class', () => {
  expect(classifyDatabaseError(sqlError('57P99')).kind).toBe('connection');
  expect(classifyDatabaseError(sqlError('42ZZZ')).kind).toBe('defect');
});

test('a code of a class that nobody has thought of is unclassified, and leaves open what happened', () => {
  expect(classifyDatabaseError(sqlError('ZZ000'))).toMatchObject({
    kind: 'unclassified',
    isUnavailable: false,
    leavesOutcomeOpen: true,
  });
});

test.each([
  ['connection', true],
  ['timeout', true],
  ['lock_timeout', true],
  ['serialization', true],
  ['stale_session', true],
  ['access_refused', true],
  ['unique_violation', false],
  ['check_violation', false],
  ['bad_value', false],
  ['server_failure', false],
  ['defect', false],
] as const)('%s can pass by itself: %s', (kind, isUnavailable) => {
  const [code = ''] = MEANINGS[kind].split(/\s+/);
  expect(classifyDatabaseError(sqlError(code)).isUnavailable).toBe(isUnavailable);
});

test.each(['08006', '08007', '57P01', '57P02', '57P03', '58030', 'XX000', '40003'])(
  'a COMMIT that ends with %s may have happened',
  (code) => {
    expect(classifyDatabaseError(sqlError(code)).leavesOutcomeOpen).toBe(true);
  },
);

test.each(['23505', '23514', '40001', '40P01', '57014', '25P03', '53100', '22P02'])(
  'a COMMIT that ends with %s did not happen',
  (code) => {
    expect(classifyDatabaseError(sqlError(code)).leavesOutcomeOpen).toBe(false);
  },
);

const LOST = { kind: 'connection', isUnavailable: true, leavesOutcomeOpen: true, isConnectionLost: true };

test.each([
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
])('a socket that ends with %s is a lost connection', (code) => {
  expect(classifyDatabaseError(codedError(code))).toEqual(LOST);
});

test('a host with several addresses that all refuse is a lost connection', () => {
  const refused = new AggregateError([codedError('ECONNREFUSED'), codedError('ECONNREFUSED')], '');
  expect(classifyDatabaseError(Object.assign(refused, { code: 'ECONNREFUSED' })).kind).toBe('connection');
});

test('a Unix socket that no server has open is a lost connection, and a missing file is none', () => {
  const missing = codedError('ENOENT');
  expect(classifyDatabaseError(missing).kind).toBe('not_a_database_error');
  expect(classifyDatabaseError(Object.assign(missing, { syscall: 'connect' }))).toEqual(LOST);
});

test.each(['CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID', 'EPROTO'])(
  'TLS that fails with %s is a refused access',
  (code) => {
    expect(classifyDatabaseError(codedError(code))).toMatchObject({
      kind: 'access_refused',
      isUnavailable: true,
    });
  },
);

test.each([
  ['Connection terminated', 'connection'],
  ['Connection terminated unexpectedly', 'connection'],
  ['Connection terminated due to connection timeout', 'connection'],
  ['timeout expired', 'connection'],
  ['Client has encountered a connection error and is not queryable', 'connection'],
  ['Client was closed and is not queryable', 'connection'],
  ['timeout exceeded when trying to connect', 'connection'],
  ['Received unexpected commandComplete message from backend.', 'connection'],
  ['Knex: Timeout acquiring a connection. The pool is probably full.', 'connection'],
  ['Unable to acquire a connection', 'connection'],
  ['aborted', 'connection'],
  ['Cannot use a pool after calling end on the pool', 'connection'],
  ['Query read timeout', 'timeout'],
  ['no answer from the database within 1000 ms', 'timeout'],
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'access_refused'],
  ['The server does not support SSL connections', 'access_refused'],
  ['There was an error establishing an SSL connection', 'access_refused'],
])('what the client library says without a code, "%s", is %s', (message, kind) => {
  expect(classifyDatabaseError(new Error(message))).toEqual({ ...LOST, kind });
});

test.each([new TypeError('x is not a function'), codedError('ENOENT'), 'connection', null, undefined, 42])(
  '%p did not come from the database',
  (error) => {
    expect(classifyDatabaseError(error)).toMatchObject({
      kind: 'not_a_database_error',
      isUnavailable: false,
      isConnectionLost: false,
    });
  },
);
