import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The user to run Postgres as; undefined means our own user. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

/** The conventional id of the unprivileged user, for systems that do not name it. */
const NOBODY = 65_534;

/**
 * Postgres refuses to run as root. Root therefore runs it as the owner of the existing data, or else as `postgres` or `nobody`, whichever
 * exists. No user is created.
 */
export function choosePostgresUser(cluster: string): PostgresUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const lines = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : [];
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  return { uid: NOBODY, gid: NOBODY };
}

/** Whether an unprivileged user can enter every folder down to this one. */
export function canOthersEnter(folder: string): boolean {
  const parts = path.resolve(folder).split(path.sep).filter(Boolean);
  let current = path.parse(path.resolve(folder)).root;
  for (const part of parts) {
    current = path.join(current, part);
    if (existsSync(current) && (statSync(current).mode & 0o001) === 0) return false;
  }
  return true;
}
