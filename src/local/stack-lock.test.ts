import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lockFolder } from './stack-lock.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-lock-'));
const file = path.join(folder, 'tollgate.pid');
const started: ChildProcess[] = [];
afterEach(() => rmSync(file, { force: true }));
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A process that lives until the end of the tests. */
function startScript(name: string): number {
  const script = path.join(folder, name);
  mkdirSync(path.dirname(script), { recursive: true });
  writeFileSync(script, 'setInterval(() => {}, 1000);');
  const child = spawn(process.execPath, [script], { stdio: 'ignore' });
  started.push(child);
  return child.pid as number;
}

test('a free folder is locked and released', () => {
  const lock = lockFolder(folder);
  expect(lock.wasLeftBehind).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
  lock.release();
  expect(readdirSync(folder)).not.toContain('tollgate.pid');
});

test('a running stack keeps its lock, and its pid is named', () => {
  const pid = startScript('local/main.ts');
  writeFileSync(file, String(pid));
  expect(() => lockFolder(folder)).toThrow(`Tollgate is already running in this folder (process ${pid}).`);
  expect(readFileSync(file, 'utf8')).toBe(String(pid));
});

test.each([
  ['a process that is gone', () => '999999999'],
  ['a process that got its number later', () => String(startScript('other.mjs'))],
  ['nobody who can be read', () => 'nonsense'],
])('the lock of %s is taken over', (_owner, content) => {
  writeFileSync(file, content());
  expect(lockFolder(folder).wasLeftBehind).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
  expect(readdirSync(folder).filter((name) => name.startsWith('tollgate.pid'))).toEqual(['tollgate.pid']);
});

test('a lock file that is still being written is respected', () => {
  writeFileSync(file, '');
  expect(() => lockFolder(folder)).toThrow('being started in this folder');
});

test('a folder that cannot be created is named in one sentence', () => {
  writeFileSync(path.join(folder, 'file'), '');
  expect(() => lockFolder(path.join(folder, 'file', 'data'))).toThrow(/The folder .* cannot be written to/);
});
