import pg from 'pg';
import { markRolledBack, mayHaveBeenWritten } from './may-have-been-written.ts';

const withCode = (code: string) => Object.assign(new pg.DatabaseError('refused', 7, 'error'), { code });

test.each<[string, unknown]>([
  [
    'nobody listens',
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
  ],
  ['the pool has no connection in time', new Error('timeout exceeded when trying to connect')],
  ['a connection is not there in time', new Error('Connection terminated due to connection timeout')],
  ['the server starts', withCode('57P03')],
  ['the server says that the statement failed', withCode('23505')],
])('nothing was written when %s', (_what, error) => {
  expect(mayHaveBeenWritten(error)).toBe(false);
});

test('a lost connection leaves the outcome open, unless the transaction was rolled back', () => {
  const lost = new Error('Connection terminated unexpectedly');
  expect(mayHaveBeenWritten(lost)).toBe(true);
  markRolledBack(lost);
  expect(mayHaveBeenWritten(lost)).toBe(false);
});
