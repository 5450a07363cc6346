import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import { type ProofDatabase, startProofDatabase } from './database.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-prove-database-'));
// Root runs Postgres as another user, who must be able to enter.
chmodSync(folder, 0o755);
let database: ProofDatabase;
let proxy: CuttingProxy;

beforeAll(async () => {
  database = await startProofDatabase(folder, () => {});
  proxy = await startCuttingProxy({ targetPort: database.port, onCut: () => {} });
  await database.pool.query('create table written (id int primary key)');
});
afterAll(async () => {
  await proxy.stop();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A session as the processes under test have them. */
async function connect(): Promise<pg.Client> {
  const url = Object.assign(new URL(database.databaseUrl), { port: String(proxy.port) });
  const client = new pg.Client({ connectionString: url.toString(), application_name: 'tollgate-test' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

test('sessions that begin while nobody may write stay read-only when the others may write again', async () => {
  const before = await connect();
  const ended = new Promise((resolve) => before.once('end', resolve));
  let during: pg.Client | undefined;
  await database.turnReadOnly({
    durationMs: 500,
    whenOver: async () => {
      await expect(during?.query('insert into written values (1)')).rejects.toThrow(/read-only/);
      const after = await connect();
      await after.query('insert into written values (2)');
      await after.end();
    },
    whenReadOnly: async () => {
      await ended;
      during = await connect();
    },
  });
  await during?.end();
  expect((await database.pool.query('select id from written')).rows).toEqual([{ id: 2 }]);
});

test('a switchover loses what was cancelled before the standby had it, and nothing that was acknowledged', async () => {
  const acknowledged: number[] = [];
  const cancelled: number[] = [];
  const counts: number[] = [];
  const doubts: boolean[] = [];
  let isOver = false;

  async function write(first: number): Promise<void> {
    let client: pg.Client | undefined;
    for (let id = first; !isOver; id += 10) {
      try {
        client ??= await connect();
        let isWarned = false;
        const onNotice = () => {
          isWarned = true;
        };
        client.on('notice', onNotice);
        await client.query('insert into written values ($1)', [id]);
        client.off('notice', onNotice);
        (isWarned ? cancelled : acknowledged).push(id);
      } catch {
        client = undefined;
        await sleep(50);
      }
    }
    await client?.end();
  }

  const writing = [1000, 1001, 1002].map(write);
  const awayMs = await database.switchOver({
    calmMs: 500,
    stallMs: 2000,
    onCancelled: (count) => counts.push(count),
    onDoubt: (isDoubtful) => doubts.push(isDoubtful),
    onMoved: () => void proxy.cutAll(),
  });
  await sleep(300);
  isOver = true;
  await Promise.all(writing);

  expect(awayMs).toBeGreaterThan(0);
  expect(counts).toEqual([expect.any(Number), expect.any(Number)]);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  expect(doubts).toEqual([true, false, true, false]);
  const { rows } = await database.pool.query('select id from written');
  const found = new Set(rows.map(({ id }) => id));
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  expect(cancelled.filter((id) => !found.has(id)).length).toBeGreaterThan(0);
});

test('the server that took over can be crashed, and replaced, like the first one', async () => {
  expect(await database.crash()).toBeGreaterThan(0);
  await database.switchOver({
    calmMs: 100,
    stallMs: 100,
    onCancelled: () => {},
    onDoubt: () => {},
    onMoved: () => void proxy.cutAll(),
  });
  expect((await database.pool.query('select pg_is_in_recovery() as is_standby')).rows).toEqual([
    { is_standby: false },
  ]);
});
