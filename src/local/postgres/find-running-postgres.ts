import { readFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../../process/lifecycle.ts';
import { DATABASE_USER } from './postgres-cluster.ts';

const DATABASE = 'tollgate';
/** Line numbers in Postgres's postmaster.pid, counted from 0. */
const PID_LINE = 0;
const PORT_LINE = 3;

/**
 * The URL of the embedded Postgres that `npm start` runs on this data; undefined if none is running.
 * @throws StartError if it is running but we may not read its password.
 */
export function findRunningPostgres(dataFolder: string): string | undefined {
  const lines = readIfThere(path.join(dataFolder, 'postgres', 'cluster', 'postmaster.pid'))?.split('\n');
  const port = Number(lines?.[PORT_LINE]);
  if (!lines || !port || !isAlive(Number(lines[PID_LINE]))) return undefined;
  const passwordFile = path.join(dataFolder, 'postgres', 'password');
  const password = readIfThere(passwordFile)?.trim();
  if (!password)
    throw new StartError(`The password of the embedded Postgres is missing from ${passwordFile}.`);
  return `postgres://${DATABASE_USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${DATABASE}`;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new StartError(`${file} cannot be read (${code}). Run this as the user who runs npm start.`, {
      cause: error,
    });
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
