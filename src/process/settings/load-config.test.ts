import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-settings-'));
const file = path.join(folder, '.env');
afterEach(() => rmSync(file, { recursive: true, force: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MODULE = path.join(import.meta.dirname, 'load-config.ts');
const SCRIPT = `
  import { loadConfig } from ${JSON.stringify(MODULE)};
  try { console.log(loadConfig().api.port); } catch (error) { console.log(error.name + ': ' + error.message); }`;

/** What a process in the folder reads, and what it says about it. */
async function load(environment: Record<string, string> = {}) {
  return await new Promise<{ said: string; told: string }>((resolve) => {
    const args = ['--input-type=module', '--eval', SCRIPT];
    const env = { PATH: process.env.PATH, ...environment };
    execFile(process.execPath, args, { cwd: folder, env }, (_error, stdout, stderr) =>
      resolve({ said: stdout.trim(), told: stderr.trim() }),
    );
  });
}

test('without a file the defaults hold, and nothing is said', async () => {
  expect(await load()).toEqual({ said: '8000', told: '' });
});

test('the environment overrides the file, even with an empty value', async () => {
  writeFileSync(file, '\uFEFFAPI_PORT=9001\r\n');
  expect(await load()).toEqual({ said: '9001', told: '' });
  expect(await load({ API_PORT: '9002' })).toEqual({ said: '9002', told: '' });
  expect(await load({ API_PORT: '' })).toEqual({ said: '8000', told: '' });
});

test('a file that is not understood ends the process with its lines', async () => {
  writeFileSync(file, 'API_PORT: 1\nWORKER_CONCURENCY=3\n');
  expect((await load()).said).toBe(
    'ConfigError: .env cannot be parsed: line 1: API_PORT must be followed by =, as in API_PORT=value; line 2: there is no setting WORKER_CONCURENCY. Did you mean WORKER_CONCURRENCY?',
  );
});

test('an invalid value is reported with its line, unless it came from the environment', async () => {
  writeFileSync(file, '# here\nAPI_PORT=many\n');
  expect((await load()).said).toMatch(
    /^ConfigError: Settings are not valid: API_PORT \(line 2 of \.env\): must be/,
  );
  expect((await load({ API_PORT: 'much' })).said).toMatch(/: API_PORT: must be/);
});

test('unknown names in the file are reported once and do no harm; in the environment only misspelt ones are reported', async () => {
  writeFileSync(file, 'POSTGRES_PASSWORD=hunter2\nCOMPOSE_PROJECT_NAME=x\nSTRIPE_KEY=hunter2\n');
  expect(await load({ GATEWAY_MAX_ATTEMPT: '9', SOME_OTHER: 'x' })).toEqual({
    said: '8000',
    told: '.env, line 3: STRIPE_KEY is not a Tollgate setting and is ignored.\nThere is no setting GATEWAY_MAX_ATTEMPT. Did you mean GATEWAY_MAX_ATTEMPTS?',
  });
});

test('a folder with the name of the file is reported', async () => {
  mkdirSync(file);
  expect((await load()).said).toBe('ConfigError: .env is a folder, but must be a file.');
});
