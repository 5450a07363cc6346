import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { DCLinter } from 'dclint';
import { HEAP_FLAGS } from '../src/local/heap-flags.ts';
import { SETTING_NAMES } from '../src/process/settings/config.ts';
import { COMPOSE_NAMES } from '../src/process/settings/load-config.ts';
import { type ComposeService, readComposeServices } from './support/compose-file.ts';
import { ROOT } from './support/monitoring-files.ts';
import { runCommand, type StartedProcess, waitForStart } from './support/processes.ts';
import { settingsReadBy } from './support/settings-of-process.ts';
import { createTestDatabase, type TestDatabase, withRunningRole } from './support/test-database.ts';
import { waitUntil } from './support/wait-until.ts';

const composeFile = path.join(ROOT, 'docker-compose.yml');
const services = readComposeServices();
const ours = Object.entries(services).filter(([, service]) => service.build !== undefined);

// The package's own types do not resolve under nodenext.
interface LintResult {
  readonly messages: readonly { readonly type: string; readonly message: string }[];
}

/** What the Compose Specification's schema says against a file. */
function schemaErrors(file: string): string[] {
  const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
  const results: readonly LintResult[] = linter.lintFiles([file], false);
  return results.flatMap(({ messages }) =>
    messages.filter(({ type }) => type === 'error').map(({ message }) => message),
  );
}

test('the file passes the schema of the Compose Specification', () => {
  expect(schemaErrors(composeFile)).toEqual([]);
});

test('an unknown key would not pass', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-compose-'));
  const broken = path.join(folder, 'docker-compose.yml');
  writeFileSync(broken, readFileSync(composeFile, 'utf8').replace('    command:', '    comand:'));
  expect(schemaErrors(broken)).not.toEqual([]);
  rmSync(folder, { recursive: true });
});

test('every container of ours runs a file that exists in the image', () => {
  expect(ours.map(([name, { command }]) => [name, command])).toEqual([
    ['migrate', ['node', 'src/local/migrate.ts']],
    ['api', ['node', ...HEAP_FLAGS, 'src/api/main.ts']],
    ['worker', ['node', ...HEAP_FLAGS, 'src/worker/main.ts']],
    ['gateway-mock', ['node', ...HEAP_FLAGS, 'src/gateway-mock/main.ts']],
  ]);
  for (const [, { command = [] }] of ours)
    expect(existsSync(path.join(ROOT, command.at(-1) as string))).toBe(true);
  expect(readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8')).toContain('COPY src ./src');
});

/** What the file decides itself: where things are inside the containers. */
const DECIDED = [
  'API_HOST',
  'OPERATOR_HOST',
  'OPERATOR_PORT',
  'DATABASE_URL',
  'GATEWAY_MOCK_BOOK_FILE',
  'GATEWAY_MOCK_HOST',
  'MIGRATION_DATABASE_URL',
  'WORKER_METRICS_HOST',
];
/** Always the default: what is published to the machine is written in the file. */
const AT_DEFAULT = ['API_PORT', 'GATEWAY_MOCK_PORT', 'WORKER_METRICS_PORT'];

test.each(ours)(
  '%s gets from .env the settings that it reads, and no others',
  (_name, { command, environment }) => {
    const main = command?.at(-1) as string;
    const read = settingsReadBy(main).filter((name) => !AT_DEFAULT.includes(name));
    expect(Object.keys(environment ?? {}).sort()).toEqual(read);
  },
);

test('every setting can be given in .env', () => {
  const text = readFileSync(composeFile, 'utf8');
  const fixed = [...DECIDED, ...AT_DEFAULT];
  const handed = [...text.matchAll(/^\s+(\w+): "?\$\{\1:-/gm)].map(([, name]) => name as string);
  expect([...new Set(handed)].filter((name) => SETTING_NAMES.includes(name)).sort()).toEqual(
    SETTING_NAMES.filter((name) => !fixed.includes(name)).toSorted(),
  );
});

test('every variable that the file reads from .env is a setting, or known as the file’s own', () => {
  const text = readFileSync(composeFile, 'utf8');
  const names = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name as string);
  expect(names.length).toBeGreaterThan(5);
  expect([...SETTING_NAMES, ...COMPOSE_NAMES]).toEqual(expect.arrayContaining(names));
});

test('every image is pinned, every file that is mounted is there, and ports are open to this machine only', () => {
  for (const { image, build, volumes = [], ports = [] } of Object.values(services)) {
    if (build === undefined) expect(image).toMatch(/:v?\d+(\.\d+)*@sha256:[0-9a-f]{64}$/);
    for (const volume of volumes.filter((entry) => entry.startsWith('./'))) {
      expect(existsSync(path.join(ROOT, volume.split(':')[0] as string))).toBe(true);
    }
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  }
});

test('the base of our image is pinned by its digest', () => {
  const bases = [...readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8').matchAll(/^FROM (.*)$/gm)];
  expect(bases.map(([, image]) => image)).toEqual([
    expect.stringMatching(/^node:24\.\d+\.\d+-slim@sha256:[0-9a-f]{64}$/),
  ]);
});

test.each(Object.entries(services))(
  '%s has no rights that it does not need, and limits on its resources',
  (name, service) => {
    expect(service).toMatchObject({
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      read_only: true,
      tmpfs: expect.arrayContaining(['/tmp']),
      pids_limit: expect.any(Number),
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
      cpus: expect.any(Number),
    });
    expect(service.cap_add === undefined || name === 'postgres').toBe(true);
  },
);

test('only migrations have the address of the role that owns the tables, and the stand-in gateway has none', () => {
  const has = (name: string) =>
    ours.filter(([, { environment = {} }]) => name in environment).map(([service]) => service);
  expect(has('MIGRATION_DATABASE_URL')).toEqual(['migrate']);
  expect(has('DATABASE_URL')).toEqual(['migrate', 'api', 'worker']);
  expect(has('OPERATOR_TOKEN')).toEqual(['api']);
  for (const name of ['api', 'worker'])
    expect(services[name]?.environment?.DATABASE_URL).toMatch(/^postgres:\/\/tollgate_app:/);
});

test('monitoring starts only on request', () => {
  const optional = Object.entries(services).filter(([, { profiles }]) => profiles !== undefined);
  expect(optional.map(([name, { profiles }]) => [name, profiles])).toEqual([
    ['prometheus', ['monitoring']],
    ['grafana', ['monitoring']],
  ]);
});

test('the stand-in gateway keeps its book in a volume, in a folder that belongs to its user', () => {
  const { environment = {}, volumes = [] } = services['gateway-mock'] as ComposeService;
  const folder = path.dirname(String(environment.GATEWAY_MOCK_BOOK_FILE));
  expect(volumes).toContain(`gateway-mock-data:${folder}`);
  expect(readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8')).toContain(
    `RUN install -d -o node -g node ${folder}\n`,
  );
});

describe('on an empty database', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-compose-data-'));
  let server: TestDatabase;
  let ownerUrl: string;
  let databaseUrl: string;
  const running: StartedProcess[] = [];
  const name = `test_${randomBytes(6).toString('hex')}`;

  beforeAll(async () => {
    server = await createTestDatabase();
    await server.pool.query(`create database ${name}`);
    const url = new URL(server.ownerUrl);
    url.pathname = `/${name}`;
    ownerUrl = url.toString();
    databaseUrl = withRunningRole(ownerUrl);
  });
  afterAll(async () => {
    for (const { child } of running) child.kill('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
    await server.pool.query(`drop database ${name} with (force)`);
    await server.close();
    rmSync(folder, { recursive: true });
  });

  /** Runs a service's command in its environment, but for addresses that are another here. */
  function run({ command = [], environment = {} }: ComposeService, addresses: Record<string, string> = {}) {
    const ports = { API_PORT: '0', OPERATOR_PORT: '0', WORKER_METRICS_PORT: '0', GATEWAY_MOCK_PORT: '0' };
    const started = runCommand(command, {
      ...environment,
      ...ports,
      DATABASE_URL: databaseUrl,
      ...('MIGRATION_DATABASE_URL' in environment ? { MIGRATION_DATABASE_URL: ownerUrl } : {}),
      ...addresses,
    });
    running.push(started);
    return started;
  }

  /** The service's own health check, asked at the port that it has here. */
  async function passesHealthcheck({ healthcheck }: ComposeService, port: unknown): Promise<boolean> {
    const [kind, program, ...args] = healthcheck?.test ?? [];
    expect([kind, program]).toEqual(['CMD', 'node']);
    const atPort = args.map((arg) => arg.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`));
    return await promisify(execFile)(process.execPath, atPort).then(
      () => true,
      () => false,
    );
  }

  test("all our commands run in the file's order, become healthy, and stop on request", async () => {
    const { migrate, api, worker, 'gateway-mock': mock } = services as Record<string, ComposeService>;
    expect(await run(migrate as ComposeService).ended).toBe(0);

    const kept = { GATEWAY_MOCK_BOOK_FILE: path.join(folder, 'book.jsonl') };
    const runningMock = run(mock as ComposeService, kept);
    const { port: mockPort } = await waitForStart(runningMock);
    expect((await fetch(`http://127.0.0.1:${mockPort}/mock-gateway/health`)).status).toBe(200);

    const gateway = { PAYMENT_GATEWAY_URL: `http://127.0.0.1:${mockPort}/mock-gateway` };
    for (const service of [api, worker] as ComposeService[]) {
      const started = run(service, gateway);
      const { port } = await waitForStart(started);
      await waitUntil('a healthy container', () => passesHealthcheck(service, port), { deadlineMs: 60_000 });
      started.child.kill('SIGTERM');
      expect(await started.ended).toBe(0);
      expect(await passesHealthcheck(service, port)).toBe(false);
    }
    runningMock.child.kill('SIGTERM');
    expect(await runningMock.ended).toBe(0);
  });
});
