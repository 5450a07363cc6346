import { createTestDatabase } from '../support/test-database.ts';
import { findWrittenTables } from './find-written-tables.ts';
import { readTexts } from './sql-texts.ts';
import { EXCEPTIONS, OWNERS } from './table-owners.ts';

const excepted = new Set(EXCEPTIONS.flatMap(({ file, tables }) => tables.map((table) => `${file} ${table}`)));

/** `file table` for each table that a file writes to and that belongs to another folder, or to none. */
function findWritesToOthers(texts: readonly { readonly file: string; readonly text: string }[]): string[] {
  const found = texts.flatMap(({ file, text }) =>
    findWrittenTables(text)
      .filter((table) => !file.startsWith(`src/${OWNERS[table]}/`))
      .map((table) => `${file} ${table}`),
  );
  return [...new Set(found)].sort();
}

test('only the files of one folder write to a table, apart from the listed exceptions, all of which are needed', () => {
  expect(findWritesToOthers(readTexts('src/**/*.sql.ts'))).toEqual([...excepted].sort());
});

test('only SQL files write to tables', () => {
  const texts = readTexts('src/**/*.ts').filter(({ file }) => !/\.(sql|test)\.ts$/.test(file));
  expect(texts.length).toBeGreaterThan(1000);
  const writes = texts.flatMap(({ file, text }) =>
    findWrittenTables(text)
      .filter((table) => table in OWNERS)
      .map((table) => `${file} ${table}`),
  );
  expect(writes).toEqual([]);
});

test('every table of the product has an owner, and every owner a table', async () => {
  const database = await createTestDatabase();
  try {
    const { rows } = await database.pool.query(
      `select relname as name from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
         and relname not like 'schema_migrations%'`,
    );
    expect(Object.keys(OWNERS).sort()).toEqual(rows.map(({ name }) => name).sort());
  } finally {
    await database.close();
  }
});

test('a write from elsewhere is noticed, however it is made', () => {
  const writes = {
    'insert into payments (id) values (1)': ['payments'],
    'with a as (\n  delete\n  from only payments as p using b returning 1) select 1': ['payments'],
    'UPDATE public.payments AS p SET status = 1': ['payments'],
    'merge into "payments" using fresh on true when matched then delete': ['payments'],
    'truncate table payments, users': ['payments', 'users'],
    'delete from ${table} where id = 1': ['<table>'],
  };
  for (const [text, tables] of Object.entries(writes)) {
    expect(findWrittenTables(text)).toEqual(tables);
    expect(findWritesToOthers([{ file: 'src/ledger/sample.sql.ts', text }])).toEqual(
      tables.map((table) => `src/ledger/sample.sql.ts ${table}`),
    );
  }
});

test.each([
  'select id from payments for update skip locked',
  'select id from payments for no key update',
  'insert into payments (id) values (1) on conflict (id) do update set status = excluded.status',
  'grant select, update, delete on payments to somebody; revoke truncate on payments from somebody',
])('%p writes to no table of others', (text) => {
  expect(findWritesToOthers([{ file: 'src/payments/sample.sql.ts', text }])).toEqual([]);
});
