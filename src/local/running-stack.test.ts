import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '../process/settings/config.ts';
import { describeStack } from './describe-stack.ts';
import { findRunningStack, forgetRunningStack, isDatabaseOf, noteRunningStack } from './running-stack.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-running-'));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const DATABASE_URL = 'postgres://ana:hunter2@db.example:5432/tollgate';

function describe(settings: Record<string, string> = {}) {
  return describeStack(parseConfig(settings), { databaseUrl: DATABASE_URL, isEmbedded: false });
}

/** A process that looks like a local stack. */
function startStandIn(): number {
  const script = path.join(folder, 'local', 'main.ts');
  mkdirSync(path.dirname(script), { recursive: true });
  writeFileSync(script, 'setInterval(() => {}, 1000);');
  const child = spawn(process.execPath, [script], { stdio: 'ignore' });
  started.push(child);
  return child.pid as number;
}

test('without a note, nothing runs', () => {
  expect(findRunningStack(path.join(folder, 'nowhere'))).toBeUndefined();
});

test('a running stack is found with its addresses', () => {
  const stack = { ...describe({ GATEWAY_MOCK_PORT: '19141' }), pid: startStandIn() };
  noteRunningStack(folder, stack);
  expect(findRunningStack(folder)).toEqual(stack);
  expect(stack).toMatchObject({
    api: 'http://127.0.0.1:8000',
    gatewayMock: 'http://127.0.0.1:19141',
    settings: { PAYMENT_GATEWAY_URL: 'http://127.0.0.1:19141/mock-gateway' },
  });
  expect(statSync(path.join(folder, 'running.json')).mode & 0o777).toBe(0o600);
});

test('the note of a process that is gone, or whose pid is another process now, does not count', () => {
  // No machine has a process with the first number; the second is the test's own.
  for (const pid of [2 ** 30, process.pid]) {
    noteRunningStack(folder, { ...describe(), pid });
    expect(findRunningStack(folder)).toBeUndefined();
  }
});

test.each(['', '{', 'null', '[]', '{"pid":"1"}', '{"pid":1}'])(
  'a note that says %j does not count',
  (text) => {
    writeFileSync(path.join(folder, 'running.json'), text);
    expect(findRunningStack(folder)).toBeUndefined();
  },
);

test('only the stack that wrote a note removes it', () => {
  const pid = startStandIn();
  noteRunningStack(folder, { ...describe(), pid });
  forgetRunningStack(folder);
  expect(findRunningStack(folder)?.pid).toBe(pid);
  noteRunningStack(folder, describe());
  forgetRunningStack(folder);
  expect(statSync(path.join(folder, 'running.json'), { throwIfNoEntry: false })).toBeUndefined();
});

test('no secret is written down', () => {
  const stack = describe({
    PAYMENT_GATEWAY_URL: 'https://key:hunter2@gateway.example/v1',
    GATEWAY_BOOK_URL: 'https://gateway.example/book?key=hunter2',
    GATEWAY_CALLBACK_SECRET: 'hunter2hunter2hunter2',
    OPERATOR_TOKEN: 'hunter2hunter2hunter2',
  });
  expect(JSON.stringify(stack)).not.toContain('hunter2');
});

test('a database is recognized by its place', () => {
  const stack = describe();
  expect(isDatabaseOf(stack, 'postgres://bob@db.example:5432/tollgate')).toBe(true);
  expect(isDatabaseOf(stack, 'postgres://ana:hunter2@db.example:5432/other')).toBe(false);
});
