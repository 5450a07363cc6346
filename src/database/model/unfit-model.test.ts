import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from '../../../test/support/free-port.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { migrateToLatest } from '../migrate.ts';

/*
 * A database that this version cannot work on is left as it is, and whoever starts is told in one sentence what it is and what to do.
 */

const SOURCE = path.resolve(import.meta.dirname, '..', '..');

const PROCESSES: Readonly<Record<string, readonly string[]>> = {
  'the API': ['api/main.ts'],
  'the worker': ['worker/main.ts'],
  'npm run migrate': ['local/migrate.ts'],
  'npm start': ['local/main.ts'],
  'npx tollgate migrate': ['cli/main.ts', 'migrate'],
  'a command of operators': ['cli/main.ts', 'dlq', 'list'],
};
const names = Object.keys(PROCESSES);

let database: TestDatabase;
let ports: Record<string, string>;
beforeAll(async () => {
  const names = ['API_PORT', 'OPERATOR_PORT', 'WORKER_METRICS_PORT', 'GATEWAY_MOCK_PORT'];
  ports = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, String(await findFreePort())])),
  );
});
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

async function run(name: string) {
  const [script = '', ...args] = PROCESSES[name] ?? [];
  const child = spawn(process.execPath, [path.join(SOURCE, script), ...args], {
    // A folder without .env and without a stack.
    cwd: tmpdir(),
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.ownerUrl,
      PAYMENT_GATEWAY_URL: 'http://127.0.0.1:1/mock-gateway',
      ...ports,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { code, output };
}

/** Every relation of the database, with every row of those that a start might write. */
async function readEverything() {
  const { rows: relations } = await database.pool.query<{ name: string; hasRows: boolean }>(
    `select oid::regclass::text as name, relkind in ('r', 'p') as "hasRows"
     from pg_class
     where relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
     order by 1`,
  );
  const contents: unknown[] = [];
  for (const { name, hasRows } of relations)
    contents.push(
      name,
      hasRows ? (await database.pool.query(`select to_jsonb(r) from ${name} as r order by 1`)).rows : [],
    );
  return contents;
}

async function startEmpty(): Promise<void> {
  await database.pool.query(
    'drop schema public cascade; drop schema graphile_worker cascade; create schema public',
  );
}

/** What knex has written before the model was one. */
async function haveRun(files: readonly string[]): Promise<void> {
  await startEmpty();
  await database.pool.query(`
    create table schema_migrations (
      id serial primary key, name varchar(255), batch integer, migration_time timestamptz);
    create table schema_migrations_lock ("index" serial primary key, is_locked integer);
    insert into schema_migrations_lock (is_locked) values (1);
    create table users (id bigint primary key);
    create table payments (id bigint primary key, user_id bigint)`);
  for (const file of files)
    await database.pool.query(
      'insert into schema_migrations (name, batch, migration_time) values ($1, 1, now())',
      [file],
    );
}

async function isLeftAlone(name: string): Promise<{ readonly sentence: string }> {
  const before = await readEverything();
  const { code, output } = await run(name);
  expect(await readEverything()).toEqual(before);
  expect(code).toBe(1);
  const lines = output.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  return { sentence: lines[0] as string };
}

describe.each(names)('%s', (name) => {
  test.each([
    ['all of its migrations', ['0001_ledger_and_payments.ts', '0020_holds.ts', '0025_refunds.ts']],
    ['one of its migrations', ['0001_ledger_and_payments.ts']],
  ])(
    'leaves a database from before the first release alone: %s',
    async (_, files) => {
      await haveRun(files);
      const { sentence } = await isLeftAlone(name);
      expect(sentence).toMatch(
        /database test_\w+ on 127\.0\.0\.1:\d+ was made before the first release of Tollgate, and no migration leads from it to this version: make a new one and name it in DATABASE_URL\. Nothing in it was changed\.$/,
      );
    },
    60_000,
  );

  test('leaves a database that was made with another draft of the model alone', async () => {
    await database.pool.query(`comment on table schema_migrations is 'model 0123456789ab'`);
    const { sentence } = await isLeftAlone(name);
    expect(sentence).toContain('was made before the first release of Tollgate');
  });

  test('leaves a database of a newer version alone, and says that this version is older', async () => {
    await database.pool.query(
      `insert into schema_migrations (name, batch, migration_time) values ('0002_escrow.ts', 2, now())`,
    );
    const { sentence } = await isLeftAlone(name);
    expect(sentence).toMatch(
      /database test_\w+ on 127\.0\.0\.1:\d+ was migrated by a newer version of Tollgate \(0002_escrow\.ts\), and this one is older: start that version again, or a later one\. Nothing in it was changed\.$/,
    );
  });

  test('leaves a database whose table of migrations is another program’s alone', async () => {
    await startEmpty();
    await database.pool.query(
      `create table schema_migrations (version text primary key); insert into schema_migrations values ('20260101')`,
    );
    const { sentence } = await isLeftAlone(name);
    expect(sentence).toContain('has the migrations of another program: give Tollgate a database of its own');
  });
});

test.each(['the API', 'the worker', 'a command of operators'])(
  '%s says what to run if migrations are missing',
  async (name) => {
    await startEmpty();
    expect((await isLeftAlone(name)).sentence).toMatch(
      /database test_\w+ on .* has not had the migrations of this version \(0001_model\.ts[^)]*\)\. Run: npx tollgate migrate$/,
    );
  },
  60_000,
);

test('a database that has lost its comments is judged by its migrations', async () => {
  await database.pool.query('comment on table schema_migrations is null');
  expect(await migrateToLatest(database.ownerUrl)).toEqual([]);
});
