import pg from 'pg';
import { classifyDatabaseError } from './classify-database-error.ts';

const sqlError = (code: string) => Object.assign(new pg.DatabaseError('refused', 7, 'error'), { code });
const codedError = (code: string) => Object.assign(new Error('failed'), { code });

test.each([
  ['08006', 'connection', true],
  ['57P01', 'connection', true],
  ['57P02', 'connection', true],
  ['57P03', 'connection', true],
  ['53300', 'connection', true],
  ['53100', 'connection', true],
  ['25006', 'connection', true],
  ['57014', 'timeout', true],
  ['25P03', 'timeout', true],
  ['55P03', 'lock_timeout', true],
  ['40001', 'serialization', true],
  ['40P01', 'serialization', true],
  ['23505', 'unique_violation', false],
  ['23514', 'check_violation', false],
  ['42P01', 'other_sql', false],
  ['28P01', 'other_sql', false],
])('SQLSTATE %s is %s', (code, kind, isUnavailable) => {
  expect(classifyDatabaseError(sqlError(code))).toEqual({ kind, isUnavailable });
});

test.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])(
  'a socket that ends with %s is a lost connection',
  (code) => {
    expect(classifyDatabaseError(codedError(code))).toEqual({ kind: 'connection', isUnavailable: true });
  },
);

test('a host with several addresses that all refuse is a lost connection', () => {
  const refused = new AggregateError([codedError('ECONNREFUSED'), codedError('ECONNREFUSED')], '');
  expect(classifyDatabaseError(Object.assign(refused, { code: 'ECONNREFUSED' })).kind).toBe('connection');
});

test.each([
  ['Connection terminated unexpectedly', 'connection'],
  ['Connection terminated due to connection timeout', 'connection'],
  ['Client has encountered a connection error and is not queryable', 'connection'],
  ['timeout exceeded when trying to connect', 'connection'],
  ['Knex: Timeout acquiring a connection. The pool is probably full.', 'connection'],
  ['Cannot use a pool after calling end on the pool', 'connection'],
  ['Query read timeout', 'timeout'],
])('what the client library says without a code, "%s", is %s', (message, kind) => {
  expect(classifyDatabaseError(new Error(message))).toEqual({ kind, isUnavailable: true });
});

test.each([new TypeError('x is not a function'), codedError('ENOENT'), 'connection', null, undefined, 42])(
  '%p did not come from the database',
  (error) => {
    expect(classifyDatabaseError(error)).toEqual({ kind: 'not_a_database_error', isUnavailable: false });
  },
);
