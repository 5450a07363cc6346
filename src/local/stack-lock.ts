import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../shared/lifecycle.ts';

const FILE_NAME = 'tollgate.pid';

export interface StackLock {
  /** The one who held the lock before was killed, so parts of it may still be stopping. */
  readonly wasLeftBehind: boolean;
  release(): void;
}

/**
 * Makes sure that one stack at a time runs in a folder.
 * @throws StartError when another one does.
 */
export function lockFolder(folder: string): StackLock {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, FILE_NAME);
  let wasLeftBehind = false;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(file, 'utf8'));
      if (owner !== process.pid && isStack(owner)) {
        throw new StartError(`Tollgate already runs in this folder (process ${owner}). Stop it first.`);
      }
      wasLeftBehind = true;
      rmSync(file, { force: true });
    }
  }
  return { wasLeftBehind, release: () => rmSync(file, { force: true }) };
}

/** Whether a process lives and is a stack; after a restart of the machine its number may be anyone's. */
function isStack(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path.join('local', 'main.ts'));
  } catch {
    return true;
  }
}
