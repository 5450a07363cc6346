import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/monitoring-files.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

/** The SQL that the pages give a person on call, block by block. */
const blocks = ['runbooks.md', 'operating.md'].flatMap((page) =>
  [...readFileSync(path.join(ROOT, 'docs', page), 'utf8').matchAll(/^```sql\n(.*?)^```$/gms)].map(
    ([, sql = '']) => [page, sql] as const,
  ),
);
/** Statements in the text, for a table or a view that a person looks at. */
const inline = ['runbooks.md', 'operating.md'].flatMap((page) =>
  [...readFileSync(path.join(ROOT, 'docs', page), 'utf8').matchAll(/`(select [^`]+)`/g)].map(
    ([, sql = '']) => [page, sql.replaceAll('PID', '0').replace('= ...', '= 1')] as const,
  ),
);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test('there is SQL to try', () => {
  expect(blocks.length).toBeGreaterThan(2);
  expect(inline.length).toBeGreaterThan(5);
});

test.each([...blocks, ...inline])('%s: the database understands %j', async (_page, sql) => {
  await expect(database.pool.query(sql)).resolves.toBeDefined();
});
