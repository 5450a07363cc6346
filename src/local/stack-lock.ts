import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../process/lifecycle.ts';
import { isLocalStack } from './describe-process.ts';

const FILE_NAME = 'tollgate.pid';
/** The pid is written microseconds after the file is created. */
const WRITING_MS = 2000;

export interface StackLock {
  /** The previous holder of the lock was killed, so some of its processes may still be stopping. */
  readonly wasLeftBehind: boolean;
  release(): void;
}

/**
 * Makes sure that only one stack at a time runs in a folder.
 * @throws StartError if another stack is running there, or if we may not write to the folder.
 */
export function lockFolder(folder: string): StackLock {
  const file = path.join(folder, FILE_NAME);
  let wasLeftBehind = false;
  while (!tryCreate(file)) {
    const owner = readOwner(file);
    if (owner === undefined) continue;
    refuseIfAlive(owner, file);
    wasLeftBehind = true;
    takeAway(file, owner);
  }
  return { wasLeftBehind, release: () => rmSync(file, { force: true }) };
}

function tryCreate(file: string): boolean {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new StartError(`The folder ${path.dirname(file)} cannot be written to (${code}).`, {
      cause: error,
    });
  }
}

/** The text of the file; undefined if it is gone. */
function readOwner(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function refuseIfAlive(owner: string, file: string): void {
  const isBeingWritten =
    owner === '' && Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < WRITING_MS;
  if (isBeingWritten) throw new StartError('Tollgate is being started in this folder by another process.');
  const pid = Number(owner);
  if (pid === process.pid || !isLocalStack(pid)) return;
  throw new StartError(`Tollgate is already running in this folder (process ${pid}). Stop it first.`);
}

/**
 * Removes the lock file of a dead process. If two stacks start at once, the slower one must not remove the lock of the faster one. So the
 * file is first moved to a private name, and put back if it is not the file that we read.
 */
function takeAway(file: string, owner: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== owner) {
    renameSync(aside, file);
    return;
  }
  rmSync(aside, { force: true });
}
