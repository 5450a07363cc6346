import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { isStandbyWarning } from './standby-warning.ts';
import { inTransaction } from './transaction.ts';

/** As a server with `lc_messages = 'de_DE.UTF-8'` sends them. */
const GERMAN = {
  severity: 'WARNUNG',
  code: '01000',
  message: 'Warten auf synchrone Replikation wird wegen Benutzeraufforderung storniert',
  detail:
    'Die Transaktion wurde lokal bereits committet, aber möglicherweise noch nicht zum Standby repliziert.',
  file: 'syncrep.c',
  routine: 'SyncRepWaitForLSN',
};

describe('a warning of the server', () => {
  test.each([
    [GERMAN],
    [{ ...GERMAN, code: '57P01' }],
    [{ ...GERMAN, routine: undefined }],
    [{ ...GERMAN, file: '../src/backend/replication/syncrep.c' }],
    [{ code: '01000' }],
    [{ code: '57P01', routine: '', file: '' }],
  ])('is about the standby: %j', (notice) => {
    expect(isStandbyWarning(notice)).toBe(true);
  });

  test.each([
    [{ ...GERMAN, file: 'pl_exec.c', routine: 'exec_stmt_raise' }],
    [{ code: '01000', file: 'index.c', routine: 'reindex_index' }],
    [{ code: '57P01', file: 'postgres.c', routine: 'quickdie' }],
    [{ code: '00000', file: 'syncrep.c', routine: 'SyncRepWaitForLSN' }],
    [{ code: '25P01', file: 'xact.c', routine: 'EndTransactionBlock' }],
    [{ code: '01000', file: 'trigger.c' }],
    [{}],
  ])('is about something else: %j', (notice) => {
    expect(isStandbyWarning(notice)).toBe(false);
  });
});

describe('what a trigger says at COMMIT', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await database.pool.query(`
      create table notes (text text primary key, level text, code text);
      create function say() returns trigger language plpgsql as $$
      begin
        if new.level = 'notice' then
          raise notice 'by the way' using errcode = new.code;
        else
          raise warning '${GERMAN.message}' using errcode = new.code, detail = '${GERMAN.detail}';
        end if;
        return null;
      end $$;
      create constraint trigger notes_say after insert on notes deferrable initially deferred
        for each row execute function say();`);
  });
  afterAll(() => database.close());

  test.each([
    ['warning', '01000'],
    ['warning', '57P01'],
    ['notice', '01000'],
    ['warning', '01P01'],
  ])('as a %s of the code %s does not make its outcome unknown', async (level, code) => {
    const insert = 'insert into notes values ($1, $2, $3)';
    await inTransaction(database.pool, (transaction) =>
      transaction.query(insert, [`in a transaction ${level} ${code}`, level, code]),
    );
    await database.pool.query(insert, [`by itself ${level} ${code}`, level, code]);
    const { rowCount } = await database.pool.query('select from notes where level = $1 and code = $2', [
      level,
      code,
    ]);
    expect(rowCount).toBe(2);
  });
});
