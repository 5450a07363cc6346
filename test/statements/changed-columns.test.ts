import { createTestDatabase } from '../support/test-database.ts';
import { findChangedColumns } from './find-changed-columns.ts';
import { readTexts } from './sql-texts.ts';

/** Statements of the role that owns the tables. */
const OF_THE_OWNER = /^src\/(ledger\/server\/rebase-ledger|database\/(migrate|model\/))/;

/** `table column` for each column that a statement of a running process changes. */
function findChanged(): string[] {
  const texts = readTexts('src/**/*.sql.ts').filter(({ file }) => !OF_THE_OWNER.test(file));
  const found = texts
    .flatMap(({ text }) => findChangedColumns(text))
    .flatMap(({ table, columns }) => columns.map((column) => `${table} ${column}`));
  return [...new Set(found)].sort();
}

test('the role that runs may change the columns that statements change, and no other', async () => {
  const database = await createTestDatabase();
  try {
    const { rows } = await database.pool.query<{ name: string }>(`
      select relation.relname || ' ' || attribute.attname as name
      from pg_class as relation
      join pg_attribute as attribute on attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
      where relation.relnamespace = 'public'::regnamespace and relation.relkind = 'r'
        and has_column_privilege('tollgate_app', relation.oid, attribute.attnum, 'update')`);
    expect(rows.map(({ name }) => name).sort()).toEqual(findChanged());
  } finally {
    await database.close();
  }
});

test('a changed column is noticed, however it is changed', () => {
  const texts: Readonly<Record<string, string[]>> = {
    'update payments set status = $1 where id = $2': ['payments status'],
    'update payments as payment\n set status = changed.status, fee = payment.fee + 1\n from changed': [
      'payments fee',
      'payments status',
    ],
    'with a as (update only public.payments p set (fee, amount) = (1, 2)) select 1': [
      'payments amount',
      'payments fee',
    ],
    'insert into payments (id) select 1 on conflict (id) do update set fee = least(payments.fee, excluded.fee), status = 1':
      ['payments fee', 'payments status'],
    "update payments set fee = case when fee is distinct from 1 then 2 end, status = 'a' returning id": [
      'payments fee',
      'payments status',
    ],
    'select 1 from payments for update of payments': [],
  };
  for (const [text, changed] of Object.entries(texts)) {
    const found = findChangedColumns(text).flatMap(({ table, columns }) =>
      columns.map((column) => `${table} ${column}`),
    );
    expect(found.sort()).toEqual(changed);
  }
});
