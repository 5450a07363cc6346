import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findRunningPostgres } from './find-running-postgres.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-find-'));
const postgres = path.join(folder, 'postgres');
mkdirSync(path.join(postgres, 'cluster'), { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As Postgres writes it: process, data folder, start time, port, socket folder, address, memory, state. */
function writePidFile(pid: number): void {
  const lines = [pid, '/data', 1_700_000_000, 54_321, '', '127.0.0.1', '1 2', 'ready'];
  writeFileSync(path.join(postgres, 'cluster', 'postmaster.pid'), lines.join('\n'));
}

test('none is found where nothing was ever started', () => {
  expect(findRunningPostgres(path.join(folder, 'elsewhere'))).toBeUndefined();
});

test('a running server is found with its port and its password', () => {
  writePidFile(process.pid);
  writeFileSync(path.join(postgres, 'password'), 'p@ss/word\n');
  expect(findRunningPostgres(folder)).toBe('postgres://tollgate:p%40ss%2Fword@127.0.0.1:54321/tollgate');
});

test('a server whose process is gone does not run', () => {
  // No machine has a process with this number.
  writePidFile(2 ** 30);
  expect(findRunningPostgres(folder)).toBeUndefined();
});

test('a malformed pid file means that there is none', () => {
  writeFileSync(path.join(postgres, 'cluster', 'postmaster.pid'), 'nonsense');
  expect(findRunningPostgres(folder)).toBeUndefined();
});

test('a missing password is reported', () => {
  writePidFile(process.pid);
  rmSync(path.join(postgres, 'password'));
  expect(() => findRunningPostgres(folder)).toThrow(/password of the embedded Postgres is missing/);
});
