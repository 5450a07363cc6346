import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const LOOK_UP = {
  name: 'look-up',
  text: `select note.text from unnest($1::int[]) as wanted (id) join notes as note on note.id = wanted.id`,
  values: [[1]],
};

test('a plan for an empty table is replaced once the table has filled', async () => {
  const client = await database.pool.connect();
  await client.query('create table notes (id int primary key, text text)');
  await client.query('analyze notes');
  await client.query(LOOK_UP);
  expect(await plan()).not.toContain('Index Cond');
  // From another session, and without an ANALYZE: nothing tells the first one.
  await database.pool.query(`insert into notes select n, 'x' from generate_series(1, 20000) as n`);
  await waitUntil('the plan looks notes up by key', async () => (await plan()).includes('Index Cond'));
  client.release();

  async function plan(): Promise<string> {
    const { rows } = await client.query(`explain execute "look-up"('{1}')`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }
});

test('queries of one turn are answered in their order', async () => {
  const client = await database.pool.connect();
  const numbers = Array.from({ length: 50 }, (_, number) => number);
  const results = await Promise.all(
    numbers.map((number) => client.query('select $1::int as number', [number])),
  );
  client.release();
  expect(results.map(({ rows }) => rows[0].number)).toEqual(numbers);
});
