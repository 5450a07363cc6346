import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '../../process/lifecycle.ts';
import type { PostgresUser } from './postgres-user.ts';

const run = promisify(execFile);

/** The owner of the cluster, and the only user of the database. */
export const DATABASE_USER = 'tollgate';

/** How Postgres programs are started. */
export interface PostgresProcessOptions extends Partial<PostgresUser> {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Creates the cluster at first use, and returns its owner's password. Never touches an existing cluster.
 * @throws StartError if it cannot be created, or belongs to somebody else.
 */
export async function ensureCluster({
  cluster,
  user,
  initdb,
  processOptions,
}: {
  readonly cluster: string;
  readonly user: PostgresUser | undefined;
  readonly initdb: string;
  readonly processOptions: PostgresProcessOptions;
}): Promise<string> {
  const passwordFile = path.join(path.dirname(cluster), 'password');
  const owner = statSync(cluster, { throwIfNoEntry: false })?.uid;
  if (owner !== undefined) return readPassword({ cluster, owner, user, passwordFile });

  const password = randomBytes(18).toString('base64url');
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  // Use another name until it is complete, so that the leftovers of a killed initdb are never mistaken for a cluster.
  const building = `${cluster}.new`;
  rmSync(building, { recursive: true, force: true });
  const flags = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--no-locale'];
  try {
    await run(initdb, ['-D', building, '-U', DATABASE_USER, ...flags], processOptions);
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const reason = stderr?.trim().split('\n').join(' ') || message;
    throw new StartError(`The embedded Postgres could not be set up in ${cluster}: ${reason}`, {
      cause: error,
    });
  }
  renameSync(building, cluster);
  return password;
}

function readPassword({
  cluster,
  owner,
  user,
  passwordFile,
}: {
  readonly cluster: string;
  readonly owner: number;
  readonly user: PostgresUser | undefined;
  readonly passwordFile: string;
}): string {
  const expectedOwner = user?.uid ?? process.getuid?.() ?? owner;
  if (owner !== expectedOwner) {
    throw new StartError(
      `The data in ${cluster} belongs to the user with id ${owner}, but Postgres would run as user ${expectedOwner}. Start as user ${owner}, or move the folder away.`,
    );
  }
  try {
    return readFileSync(passwordFile, 'utf8').trim();
  } catch (error) {
    throw new StartError(
      `The password of the embedded Postgres cannot be read from ${passwordFile}. Put it back, or move ${cluster} away.`,
      { cause: error },
    );
  }
}
