import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { failWith } from '../../../test/support/failing-sessions.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { findPostgresBinaries } from '../../local/postgres/postgres-binaries.ts';
import { classifyDatabaseError } from './classify-database-error.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** What the server says with a condition that no test can bring about, by the name that PostgreSQL's documentation gives it. */
const raised = (condition: string) =>
  failWith(database.ownerUrl, (session) =>
    session.query(`do $$ begin raise exception 'no luck' using errcode = '${condition}'; end $$`),
  );

/** What may pass by itself is tried again; everything else is somebody's mistake, and is told at once. */
test.each([
  ['too_many_connections', 'connection'],
  ['disk_full', 'connection'],
  ['out_of_memory', 'too_much'],
  ['io_error', 'system_failure'],
  ['undefined_file', 'system_failure'],
  ['cannot_connect_now', 'connection'],
  ['crash_shutdown', 'connection'],
  ['idle_session_timeout', 'connection'],
  ['connection_failure', 'connection'],
  ['transaction_timeout', 'timeout'],
  ['statement_completion_unknown', 'serialization'],
  ['insufficient_privilege', 'access_refused'],
] as const)('%s may pass by itself', async (condition, kind) => {
  expect(classifyDatabaseError(await raised(condition))).toMatchObject({ kind, isUnavailable: true });
});

test.each([
  ['unique_violation', 'unique_violation'],
  ['check_violation', 'check_violation'],
  ['exclusion_violation', 'bad_value'],
  ['program_limit_exceeded', 'bad_value'],
  ['data_corrupted', 'server_failure'],
  ['index_corrupted', 'server_failure'],
  ['internal_error', 'server_failure'],
  ['undefined_column', 'defect'],
  ['assert_failure', 'defect'],
] as const)('%s does not pass by itself', async (condition, kind) => {
  expect(classifyDatabaseError(await raised(condition))).toMatchObject({ kind, isUnavailable: false });
});

test.each([
  'connection_failure',
  'transaction_resolution_unknown',
  'admin_shutdown',
  'crash_shutdown',
  'cannot_connect_now',
  'io_error',
  'internal_error',
  'statement_completion_unknown',
])('a COMMIT that ends with %s may have happened', async (condition) => {
  expect(classifyDatabaseError(await raised(condition)).leavesOutcomeOpen).toBe(true);
});

test.each([
  'unique_violation',
  'check_violation',
  'serialization_failure',
  'deadlock_detected',
  'query_canceled',
  'disk_full',
  'invalid_text_representation',
])('a COMMIT that ends with %s did not happen', async (condition) => {
  expect(classifyDatabaseError(await raised(condition)).leavesOutcomeOpen).toBe(false);
});

const sqlError = (code: string) => Object.assign(new pg.DatabaseError('refused', 7, 'error'), { code });

test('every condition of the server is classified', () => {
  const list = path.join(findPostgresBinaries().root, 'share', 'postgresql', 'errcodes.txt');
  const codes = [...readFileSync(list, 'utf8').matchAll(/^([0-9A-Z]{5})\s/gm)].map(([, code = '']) => code);
  expect(codes.length).toBeGreaterThan(200);
  expect(codes.filter((code) => classifyDatabaseError(sqlError(code)).kind === 'unclassified')).toEqual([]);
});

test('a new code in a known class is treated as its class', () => {
  expect(classifyDatabaseError(sqlError('57P99')).kind).toBe('connection');
  expect(classifyDatabaseError(sqlError('42ZZZ')).kind).toBe('defect');
});

test('a code of an unknown class is unclassified, and leaves the outcome open', () => {
  expect(classifyDatabaseError(sqlError('ZZ000'))).toMatchObject({
    kind: 'unclassified',
    isUnavailable: false,
    leavesOutcomeOpen: true,
  });
});

test("a pooler that refuses our session's startup options does not count as an unreachable database", () => {
  const refusal = Object.assign(new pg.DatabaseError('unsupported startup parameter: options', 7, 'error'), {
    code: '08P01',
  });
  expect(classifyDatabaseError(refusal)).toMatchObject({ kind: 'access_refused', isUnavailable: true });
});

const codedError = (code: string) => Object.assign(new Error('failed'), { code });
const LOST = { kind: 'connection', isUnavailable: true, leavesOutcomeOpen: true, isConnectionLost: true };

// What a network or a machine does seldom, and a test cannot bring about.
test.each([
  ['a router that drops packets', 'ETIMEDOUT'],
  ['a cable that is pulled', 'ENETDOWN'],
  ['a machine that is off', 'EHOSTUNREACH'],
  ['a name server that gives no answer', 'EAI_AGAIN'],
  ['a server that ends while we write', 'EPIPE'],
  ['a process with no file handle left', 'EMFILE'],
  ['a machine with no port left', 'EADDRNOTAVAIL'],
])('%s is a lost connection', (_what, code) => {
  expect(classifyDatabaseError(codedError(code))).toEqual(LOST);
});

test('a host with several addresses that all refuse is a lost connection', () => {
  const refused = new AggregateError([codedError('ECONNREFUSED'), codedError('ECONNREFUSED')], '');
  expect(classifyDatabaseError(Object.assign(refused, { code: 'ECONNREFUSED' })).kind).toBe('connection');
});

test('a missing file is not a lost connection', () => {
  expect(classifyDatabaseError(codedError('ENOENT')).kind).toBe('not_a_database_error');
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

// Other ways in which the client libraries say, without a code, what the tests above bring about.
test.each([
  ['Connection terminated due to connection timeout', 'connection'],
  ['Client has encountered a connection error and is not queryable', 'connection'],
  ['Received unexpected commandComplete message from backend.', 'connection'],
  ['Knex: Timeout acquiring a connection. The pool is probably full.', 'connection'],
  ['aborted', 'connection'],
  ['no answer from the database within 1000 ms', 'timeout'],
  ['There was an error establishing an SSL connection', 'access_refused'],
])('"%s" is %s', (message, kind) => {
  expect(classifyDatabaseError(new Error(message))).toEqual({ ...LOST, kind });
});

test.each([new TypeError('x is not a function'), 'connection', null, undefined, 42])(
  '%p did not come from the database',
  (error) => {
    expect(classifyDatabaseError(error)).toMatchObject({
      kind: 'not_a_database_error',
      isUnavailable: false,
      isConnectionLost: false,
    });
  },
);
