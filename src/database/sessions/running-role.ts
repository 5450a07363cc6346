import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { StartError } from '../../process/lifecycle.ts';
import { changePassword, createRole, grantToRunningRole, selectRole } from './running-role.sql.ts';

const DEFAULT_ROLE = 'tollgate_app';
const INSUFFICIENT_PRIVILEGE = '42501';
const SCRAM_ITERATIONS = 4096;

/**
 * Lets the role of `runningUrl` work on the schema of the role of `ownerUrl`: it may read, accept and settle, but not change kept rows or
 * triggers. If the role does not exist, it is created with the password of its URL. Nothing happens if both roles are the same.
 * @param changesPassword gives an existing role the password of its URL.
 * @throws StartError if the role has more rights than it should, or cannot be created.
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
        `The role ${role} of DATABASE_URL is ${found.isSuperuser ? 'a superuser' : 'an owner of the tables'}, whose rights cannot be restricted. Use another role there, or leave MIGRATION_DATABASE_URL empty.`,
      );
    if (!found) await createRole(owner, role, scramVerifier(password ?? ''));
    else if (changesPassword) await changePassword(owner, role, scramVerifier(password ?? ''));
    await grantToRunningRole(owner, role);
  } catch (error) {
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new StartError(
      `The role ${role} of DATABASE_URL cannot be prepared, because the role of MIGRATION_DATABASE_URL is not allowed to (${(error as Error).message}). Create it as a superuser: create role ${role} login password '...'`,
      { cause: error },
    );
  } finally {
    await owner.end();
  }
}

/** The URL of the same database for the running role, with a new password. */
export function asRunningRole(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  url.username = DEFAULT_ROLE;
  url.password = randomBytes(18).toString('base64url');
  return url.toString();
}

/** PostgreSQL's stored form of a password (RFC 5803). */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, 32, 'sha256');
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const serverKey = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
