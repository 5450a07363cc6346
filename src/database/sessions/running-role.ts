import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { StartError } from '../../process/lifecycle.ts';
import { changePassword, createRole, grantToRunningRole, selectRole } from './running-role.sql.ts';

const DEFAULT_ROLE = 'tollgate_app';
const INSUFFICIENT_PRIVILEGE = '42501';
const SCRAM_ITERATIONS = 4096;

/**
 * Lets the role of `runningUrl` run what the role of `ownerUrl` has migrated: read, accept, settle, but change nothing that is
 * kept and no trigger. It is created with the password of its address when it is not there. Nothing happens when both are one.
 * @param changesPassword gives a role that is there the password of its address.
 * @throws StartError when the role may do more than it should, or cannot be created.
 */
export async function prepareRunningRole({
  ownerUrl,
  runningUrl,
  changesPassword = false,
}: {
  readonly ownerUrl: string;
  readonly runningUrl: string;
  readonly changesPassword?: boolean;
}): Promise<void> {
  const { user: role, password } = new pg.Client({ connectionString: runningUrl });
  const owner = new pg.Client({ connectionString: ownerUrl, application_name: 'tollgate-migrate' });
  if (role === undefined || role === owner.user) return;
  owner.on('error', () => {});
  await owner.connect();
  try {
    const found = await selectRole(owner, role);
    if (found?.isSuperuser || found?.ownsTables)
      throw new StartError(
        `The role ${role} of DATABASE_URL is ${found.isSuperuser ? 'a superuser' : 'an owner of the tables'}, whom no right can be taken from. Name another one there, or leave MIGRATION_DATABASE_URL empty.`,
      );
    if (!found) await createRole(owner, role, scramVerifier(password ?? ''));
    else if (changesPassword) await changePassword(owner, role, scramVerifier(password ?? ''));
    await grantToRunningRole(owner, role);
  } catch (error) {
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new StartError(
      `The role ${role} of DATABASE_URL cannot be prepared: the role of MIGRATION_DATABASE_URL may not do that (${(error as Error).message}). Create it as a superuser: create role ${role} login password '...'`,
      { cause: error },
    );
  } finally {
    await owner.end();
  }
}

/** The same database as a role of its own that runs, with a new password. */
export function asRunningRole(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  url.username = DEFAULT_ROLE;
  url.password = randomBytes(18).toString('base64url');
  return url.toString();
}

/** What PostgreSQL keeps of a password (RFC 5803). */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, 32, 'sha256');
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const serverKey = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
