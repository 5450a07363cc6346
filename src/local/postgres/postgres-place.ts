import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { StartError } from '../../process/lifecycle.ts';
import { canOthersEnter, type PostgresUser } from './postgres-user.ts';

/** Every user can enter this folder; only root can write to it. */
const OPEN_PLACE = '/var/lib/tollgate';

/** Returns a folder with the same binaries that the user can reach: the given one, or a copy in an open place. */
export function reachBinaries(root: string, user: PostgresUser | undefined): string {
  if (!user || canOthersEnter(root)) return root;
  const copy = path.join(
    OPEN_PLACE,
    `postgres-${shortHash(readFileSync(path.join(root, 'bin', 'postgres')))}`,
  );
  if (existsSync(copy)) return copy;
  ensureFolder(OPEN_PLACE, undefined);
  // Two processes that copy at once, or one that is killed, must never leave an incomplete copy under the final name.
  const part = `${copy}.${process.pid}`;
  cpSync(root, part, { recursive: true, verbatimSymlinks: true });
  openForAll(part);
  try {
    renameSync(part, copy);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

/**
 * Returns the folder for the data, and creates it if missing. If other users cannot enter the requested folder (root's home is often
 * closed), the data goes to an open place, with a link at the requested path.
 * @throws StartError if the requested folder already holds data that the user cannot reach.
 */
export function reachDataFolder(
  folder: string,
  user: PostgresUser | undefined,
  onNotice?: (sentence: string) => void,
): string {
  if (!user || canOthersEnter(path.dirname(folder))) return ensureFolder(folder, user);
  const entry = lstatSync(folder, { throwIfNoEntry: false });
  if (entry?.isDirectory()) {
    throw new StartError(
      `Postgres cannot run as root, and other users cannot enter ${folder}. Move the project to where other users can enter, or remove that folder to start without data.`,
    );
  }
  // Follow a valid link, so that a project that was moved finds its data again.
  const openFolder = existsSync(folder)
    ? realpathSync(folder)
    : ensureFolder(path.join(ensureFolder(OPEN_PLACE, undefined), `data-${shortHash(folder)}`), user);
  if (!existsSync(folder)) {
    mkdirSync(path.dirname(folder), { recursive: true });
    rmSync(folder, { force: true });
    symlinkSync(openFolder, folder);
  }
  onNotice?.(
    `Postgres cannot run as root and other users cannot enter ${folder}, so its data is kept in ${openFolder}.`,
  );
  return openFolder;
}

function ensureFolder(folder: string, user: PostgresUser | undefined): string {
  mkdirSync(folder, { recursive: true });
  // mkdir's mode is restricted by root's umask, which is often 077.
  if (process.getuid?.() === 0) chmodSync(folder, 0o755);
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Lets everybody read the files, and run and enter whatever their owner can. */
function openForAll(folder: string): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isSymbolicLink());
  for (const file of [folder, ...files.map(({ parentPath, name }) => path.join(parentPath, name))]) {
    const { mode } = statSync(file);
    chmodSync(file, mode | ((mode & 0o500) >> 3) | ((mode & 0o500) >> 6));
  }
}

function shortHash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}
