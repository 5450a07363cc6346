import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../process/lifecycle.ts';
import { isLocalStack } from './describe-process.ts';

const FILE_NAME = 'tollgate.pid';
/** Between the creation of the file and the writing of the number lie microseconds. */
const WRITING_MS = 2000;

export interface StackLock {
  /** The one who held the lock before was killed, so parts of it may still be stopping. */
  readonly wasLeftBehind: boolean;
  release(): void;
}

/**
 * Makes sure that one stack at a time runs in a folder.
 * @throws StartError when another one does, or when the folder may not be written to.
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

/** The text of the file; undefined when it is gone. */
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
  throw new StartError(`Tollgate already runs in this folder (process ${pid}). Stop it first.`);
}

/**
 * Removes the file of a dead owner. Two that start at once both find it: the slower one must not remove the file of the
 * faster one, so it is first moved to a name of our own, and given back when it was not the file we had read.
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
