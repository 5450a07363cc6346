import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { waitUntil } from '../../test/support/wait-until.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-embedded-'));
const dataFolder = path.join(folder, 'postgres');
// Root runs Postgres as another user, who must be able to enter.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function query(databaseUrl: string, text: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('keeps its data over a stop, a crash, and a server that was left behind', async () => {
  const first = await startEmbeddedPostgres({ dataFolder });
  await query(first.databaseUrl, 'create table kept (round int)');
  await query(first.databaseUrl, 'insert into kept values (1)');
  await first.stop();
  expect(isAlive(first.postmasterPid)).toBe(false);

  const second = await startEmbeddedPostgres({ dataFolder });
  await query(second.databaseUrl, 'insert into kept values (2)');
  process.kill(second.postmasterPid, 'SIGKILL');
  await waitUntil('a dead server', () => !isAlive(second.postmasterPid));

  const third = await startEmbeddedPostgres({ dataFolder });
  await query(third.databaseUrl, 'insert into kept values (3)');
  const notices: string[] = [];
  const fourth = await startEmbeddedPostgres({ dataFolder, onNotice: (sentence) => notices.push(sentence) });
  expect(notices).toEqual(['Stopping the Postgres that an earlier run left behind.']);
  expect(await query(fourth.databaseUrl, 'select round from kept order by round')).toEqual([
    { round: 1 },
    { round: 2 },
    { round: 3 },
  ]);
  await fourth.stop();
}, 60_000);

test('says in one sentence why it does not start', async () => {
  const start = startEmbeddedPostgres({
    dataFolder: path.join(folder, 'broken'),
    settings: { shared_buffers: 'many' },
  });
  await expect(start).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringContaining('shared_buffers'),
  });
}, 60_000);

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stdout.write('skipped: only root runs Postgres as another user, and this is not root\n');

(isRoot ? test : test.skip)(
  'works for root in a folder that nobody else can enter',
  async () => {
    const closed = path.join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const asked = path.join(closed, 'postgres');
    const notices: string[] = [];
    const postgres = await startEmbeddedPostgres({
      dataFolder: asked,
      onNotice: (sentence) => notices.push(sentence),
    });
    expect(await query(postgres.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    await postgres.stop();
    expect(notices).toEqual([expect.stringContaining('other users cannot enter')]);
    const real = realpathSync(asked);
    expect(existsSync(path.join(real, 'cluster', 'PG_VERSION'))).toBe(true);
    rmSync(real, { recursive: true });
  },
  60_000,
);
