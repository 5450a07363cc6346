import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { describeProcess } from '../describe-process.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { choosePostgresUser } from './postgres-user.ts';

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

const isAlive = (pid: number) => describeProcess(pid) !== undefined;

test('keeps its data across a stop, a crash, and a server that was left behind', async () => {
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
});

test('says in one sentence why it does not start', async () => {
  const start = startEmbeddedPostgres({
    dataFolder: path.join(folder, 'broken'),
    settings: { shared_buffers: 'many' },
  });
  await expect(start).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringContaining('shared_buffers'),
  });
});

test('starts although a full disk or a power cut has left an empty pid file', async () => {
  writeFileSync(path.join(dataFolder, 'cluster', 'postmaster.pid'), '');
  const postgres = await startEmbeddedPostgres({ dataFolder });
  expect(await query(postgres.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  await postgres.stop();
});

test('leaves a process alone that happens to have the pid of a server that is gone', async () => {
  const postgres = await startEmbeddedPostgres({ dataFolder });
  await postgres.stop();
  const pidFile = path.join(dataFolder, 'cluster', 'postmaster.pid');
  const bystander = spawn('sleep', ['60'], {
    ...choosePostgresUser(path.join(dataFolder, 'cluster')),
    cwd: '/',
    stdio: 'ignore',
  });
  writeFileSync(pidFile, `${bystander.pid}\n${path.join(dataFolder, 'cluster')}\n`);
  const again = await startEmbeddedPostgres({ dataFolder });
  expect(await query(again.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  await again.stop();
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  bystander.kill('SIGKILL');
});

test('never stops the server of another running stack', async () => {
  const pidFile = path.join(dataFolder, 'cluster', 'postmaster.pid');
  // Another stack: a process with that name, and a child of its that works inside the cluster as a server does.
  const script = path.join(folder, 'local', 'main.ts');
  mkdirSync(path.dirname(script), { recursive: true });
  writeFileSync(
    script,
    `import { execFileSync, spawn } from 'node:child_process';
     const child = spawn('sleep', ['60'], { cwd: process.argv[2], stdio: 'ignore' });
     console.log(child.pid);
     process.on('SIGTERM', () => { child.kill('SIGKILL'); process.exit(0); });`,
  );
  const stack = spawn(process.execPath, [script, path.join(dataFolder, 'cluster')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const serverPid = Number(await new Promise((resolve) => stack.stdout.once('data', resolve)));
  writeFileSync(pidFile, `${serverPid}\n`);
  try {
    await expect(startEmbeddedPostgres({ dataFolder })).rejects.toThrow(
      `is already running on the data in ${path.join(dataFolder, 'cluster')} (process ${stack.pid})`,
    );
    expect(isAlive(serverPid)).toBe(true);
  } finally {
    stack.kill('SIGTERM');
    rmSync(pidFile, { force: true });
  }
});

test('never overwrites a cluster whose password is lost', async () => {
  const password = path.join(dataFolder, 'password');
  const aside = path.join(dataFolder, 'password.aside');
  renameSync(password, aside);
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toThrow(/password .* cannot be read/);
  expect(existsSync(path.join(dataFolder, 'cluster', 'PG_VERSION'))).toBe(true);
  renameSync(aside, password);
});

test('a wrong password is reported at once', async () => {
  const password = path.join(dataFolder, 'password');
  const content = readFileSync(password, 'utf8');
  writeFileSync(password, 'wrong');
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toThrow(/password authentication failed/);
  writeFileSync(password, content);
  // Well below the minute for which a server that starts is waited for.
}, 45_000);

const isRoot = process.getuid?.() === 0;

// What there is to prove depends on who runs the tests, and there is something either way.
if (isRoot) {
  test('works for root in a folder that nobody else can enter, and finds its data again after the folder was moved', async () => {
    const closed = path.join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const asked = path.join(closed, 'postgres');
    const notices: string[] = [];
    const onNotice = (sentence: string) => notices.push(sentence);
    const postgres = await startEmbeddedPostgres({ dataFolder: asked, onNotice });
    await query(postgres.databaseUrl, 'create table kept (round int)');
    await postgres.stop();
    expect(notices).toEqual([expect.stringContaining('other users cannot enter')]);
    const real = realpathSync(asked);
    expect(existsSync(path.join(real, 'cluster', 'PG_VERSION'))).toBe(true);

    const moved = path.join(folder, 'moved');
    renameSync(closed, moved);
    const again = await startEmbeddedPostgres({ dataFolder: path.join(moved, 'postgres') });
    expect(await query(again.databaseUrl, 'select round from kept')).toEqual([]);
    await again.stop();
    rmSync(real, { recursive: true });
  });

  test('root runs Postgres as the owner of the data, whoever that was', () => {
    const cluster = path.join(folder, 'owned');
    mkdirSync(cluster);
    chownSync(cluster, 4321, 4322);
    expect(choosePostgresUser(cluster)).toEqual({ uid: 4321, gid: 4322 });
  });
} else {
  test('without root, Postgres runs as our own user', () => {
    expect(choosePostgresUser(path.join(dataFolder, 'cluster'))).toBeUndefined();
  });
}

test('the server finds none of our secrets in its environment', async () => {
  process.env.TOLLGATE_TEST_SECRET = 's3cret';
  const server = await startEmbeddedPostgres({ dataFolder });
  try {
    const environment = existsSync('/proc/self/environ')
      ? readFileSync(`/proc/${server.postmasterPid}/environ`, 'utf8')
      : execFileSync('ps', ['eww', '-p', String(server.postmasterPid)], { encoding: 'utf8' });
    expect(environment).toContain('LC_ALL=C');
    expect(environment).not.toContain('s3cret');
  } finally {
    delete process.env.TOLLGATE_TEST_SECRET;
    await server.stop();
  }
});
