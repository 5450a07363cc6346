import pg from 'pg';
import { failWith } from '../../../test/support/failing-sessions.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { classifyDatabaseError, type DatabaseErrorKind } from './classify-database-error.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query(`
    create table toys (id int primary key, price int not null check (price > 0), box int references toys (id));
    insert into toys values (1, 10), (2, 20)`);
});
afterAll(() => database.close());

const failing = (sql: string) => () => failWith(database.ownerUrl, (session) => session.query(sql));

describe('a statement', () => {
  test.each<[string, () => Promise<unknown>, DatabaseErrorKind]>([
    ['writes a key that is there', failing('insert into toys values (1, 5)'), 'unique_violation'],
    ['breaks a check', failing('insert into toys values (3, 0)'), 'check_violation'],
    ['leaves out what must be there', failing('insert into toys values (3, null)'), 'bad_value'],
    ['names a row that is not there', failing('insert into toys values (3, 5, 99)'), 'bad_value'],
    ['has a number that is none', failing(`select 'ten'::int`), 'bad_value'],
    ['has a number that is too large', failing('select 3000000000::int'), 'bad_value'],
    ['has a time that does not exist', failing(`select '2026-02-30'::date`), 'bad_value'],
    ['has text that JSON cannot hold', failing(String.raw`select '"\u0000"'::jsonb ->> 0`), 'bad_value'],
    ['divides by nothing', failing('select 1 / (price - 10) from toys'), 'bad_value'],
    ['is more than the server takes', failing(`select concat(${'1,'.repeat(2000)}1)`), 'bad_value'],

    ['has a typing error', failing('selct 1'), 'defect'],
    ['speaks of a table that is not there', failing('select 1 from no_such_table'), 'defect'],
    ['goes on in a transaction that has failed', failInFailedTransaction, 'defect'],
    ['meets a trigger that refuses', failing(`do $$ begin raise exception 'not so'; end $$`), 'defect'],

    ['takes too long', failing(`set statement_timeout = 20; select pg_sleep(30)`), 'timeout'],
    ['is cancelled by an operator', failCancelled, 'timeout'],
    ['waits too long for a row', failLocked, 'lock_timeout'],
    ['does not want to wait for a row', failNotWaiting, 'lock_timeout'],
    ['is one of two that wait for each other', failDeadlocked, 'serialization'],
    ['sees that another was first', failSerializing, 'serialization'],

    ['was prepared before the table changed', failWithOldPlan, 'stale_session'],
    ['was prepared by nobody', failUnprepared, 'stale_session'],
    ['was prepared by somebody else', failPreparedTwice, 'stale_session'],

    ['may not be done by this role', failing('set role tollgate_app; drop table toys'), 'access_refused'],
    ['writes where nothing may be written', failing('begin read only; delete from toys'), 'connection'],
    [
      'needs more room than there is',
      failing(`set temp_file_limit = 64; set work_mem = 64;
               select count(*) from (select n from generate_series(1, 200000) as n order by n desc offset 1) as sorted`),
      'too_much',
    ],
    ['was running when the operator ended the session', failTerminated, 'connection'],
  ])('that %s', async (_what, fail, kind) => {
    const error = await fail();
    expect(error).toBeInstanceOf(pg.DatabaseError);
    expect([(error as Error).message, classifyDatabaseError(error).kind]).toEqual([expect.any(String), kind]);
  });

  async function failInFailedTransaction() {
    return await failWith(database.ownerUrl, async (session) => {
      await session.query('begin');
      await session.query('selct').catch(() => {});
      await session.query('select 1');
    });
  }

  async function failCancelled() {
    return await failWith(database.ownerUrl, async (session, another) => {
      const operator = await another();
      const { rows } = await session.query('select pg_backend_pid() as pid');
      const sleeping = session.query('select pg_sleep(30)');
      await Promise.all([sleeping, until(operator, rows[0].pid, 'select pg_cancel_backend($1)')]);
    });
  }

  async function failTerminated() {
    return await failWith(database.ownerUrl, async (session, another) => {
      const operator = await another();
      const { rows } = await session.query('select pg_backend_pid() as pid');
      const sleeping = session.query('select pg_sleep(30)');
      await Promise.all([sleeping, until(operator, rows[0].pid, 'select pg_terminate_backend($1)')]);
    });
  }

  /** Does something to a session once it is at work. */
  async function until(operator: pg.Client, pid: number, statement: string): Promise<void> {
    for (;;) {
      const { rows } = await operator.query(
        `select 1 from pg_stat_activity where pid = $1 and state = 'active' and query like '%pg_sleep%'`,
        [pid],
      );
      if (rows.length > 0) break;
    }
    await operator.query(statement, [pid]);
  }

  async function failLocked() {
    return await failWith(database.ownerUrl, async (session, another) => {
      await (await another()).query('begin; select 1 from toys where id = 1 for update');
      await session.query('set lock_timeout = 20; select 1 from toys where id = 1 for update');
    });
  }

  async function failNotWaiting() {
    return await failWith(database.ownerUrl, async (session, another) => {
      await (await another()).query('begin; select 1 from toys where id = 1 for update');
      await session.query('select 1 from toys where id = 1 for update nowait');
    });
  }

  async function failDeadlocked() {
    return await failWith(database.ownerUrl, async (session, another) => {
      const other = await another();
      await session.query('begin; select 1 from toys where id = 1 for update');
      await other.query('begin; select 1 from toys where id = 2 for update');
      await Promise.all([
        session.query('select 1 from toys where id = 2 for update'),
        other.query('select 1 from toys where id = 1 for update'),
      ]);
    });
  }

  async function failSerializing() {
    return await failWith(database.ownerUrl, async (session, another) => {
      await session.query('begin isolation level repeatable read; select 1 from toys');
      await (await another()).query('update toys set price = price where id = 1');
      await session.query('update toys set price = 11 where id = 1');
    });
  }

  async function failWithOldPlan() {
    return await failWith(database.ownerUrl, async (session) => {
      await session.query('create temporary table drawers (id int)');
      await session.query({ name: 'all', text: 'select * from drawers' });
      await session.query('alter table drawers add column label text');
      await session.query({ name: 'all', text: 'select * from drawers' });
    });
  }

  async function failUnprepared() {
    return await failWith(database.ownerUrl, async (session) => {
      await session.query({ name: 'one', text: 'select 1' });
      await session.query('deallocate all');
      await session.query({ name: 'one', text: 'select 1' });
    });
  }

  async function failPreparedTwice() {
    return await failWith(database.ownerUrl, async (session) => {
      await session.query('prepare one as select 2');
      await session.query({ name: 'one', text: 'select 1' });
    });
  }
});

test.each([
  ['rests in a transaction for too long', 'idle_in_transaction_session_timeout'],
  ['has a transaction for too long', 'transaction_timeout'],
])('a session that %s is ended, and its next statement finds the connection gone', async (_what, setting) => {
  let ended: unknown;
  const next = await failWith(database.ownerUrl, async (session) => {
    await session.query(`set ${setting} = 20; begin`);
    ended = await session.wasEnded;
    await session.query('select 1');
  });
  expect(classifyDatabaseError(ended)).toMatchObject({ kind: 'timeout', isConnectionLost: false });
  expect(classifyDatabaseError(next)).toMatchObject({ kind: 'connection', isConnectionLost: true });
});
