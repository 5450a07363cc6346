import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';

let database: TestDatabase;
let proxy: CuttingProxy;
const cuts: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const targetPort = Number(new URL(database.ownerUrl).port);
  proxy = await startCuttingProxy({ targetPort: () => targetPort, onCut: (mark) => cuts.push(mark) });
  await database.pool.query('create table written (id int)');
});
afterAll(async () => {
  await proxy.stop();
  await database.close();
});

async function connect(): Promise<pg.Client> {
  const url = new URL(database.ownerUrl);
  url.port = String(proxy.port);
  const client = new pg.Client({ connectionString: url.toString() });
  client.on('error', () => {});
  await client.connect();
  return client;
}
const countWritten = async () =>
  (await database.pool.query('select count(*)::int as count from written')).rows[0].count;

test('what is not to be cut passes unchanged', async () => {
  const client = await connect();
  expect((await client.query('select $1::int + 1 as sum', [1])).rows).toEqual([{ sum: 2 }]);
  await client.end();
});

test('a COMMIT is carried out, and its answer reaches nobody', async () => {
  const client = await connect();
  await client.query('begin');
  await client.query('insert into written values (1)');
  proxy.cutAfter('commit', 1);
  await expect(client.query('commit')).rejects.toThrow();
  while ((await countWritten()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(cuts).toEqual(['commit']);

  const other = await connect();
  await other.query('begin; select 1; commit');
  await other.end();
});

test('all connections can be cut at once', async () => {
  const client = await connect();
  const lost = new Promise((resolve) => client.once('end', resolve));
  // The one that was cut above is none of them.
  expect(proxy.cutAll()).toBe(1);
  await lost;
});
