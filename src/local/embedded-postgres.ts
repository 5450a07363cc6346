import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartError } from '../shared/lifecycle.ts';
import { createDatabaseIfMissing } from './create-database.sql.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { canOthersEnter, choosePostgresUser, type PostgresUser } from './postgres-user.ts';

export interface EmbeddedPostgresOptions {
  /** Keeps the cluster and its password. Created when missing. */
  readonly dataFolder: string;
  /** Server settings that differ from the defaults, for example `{ fsync: 'off' }` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly database?: string;
  /** A free one is chosen when it is not given. */
  readonly port?: number;
  /** Told, in one sentence, of anything that a person should know. */
  readonly onNotice?: (sentence: string) => void;
}

export interface EmbeddedPostgres {
  readonly databaseUrl: string;
  readonly port: number;
  readonly postmasterPid: number;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Lets sessions end (`fast`) or stops like a crash (`immediate`). */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

const START_DEADLINE_MS = 60_000;
const USER_NAME = 'tollgate';
const run = promisify(execFile);

/**
 * Starts a Postgres of our own on a free loopback port, on the data that is there, creating it at first use.
 * A server that a killed process left running on the same data is stopped first; whether that process is really gone is
 * the caller's to know.
 * @throws StartError when it does not start, with the end of its log.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const user = choosePostgresUser();
  const place = preparePlace(path.resolve(options.dataFolder), user, options.onNotice);
  const bin = (name: string) => path.join(place.root, 'bin', name);
  const cluster = path.join(place.folder, 'cluster');
  const childOptions = { ...user, cwd: place.folder, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } };

  const password = await ensureCluster({
    cluster,
    folder: place.folder,
    user,
    initdb: bin('initdb'),
    childOptions,
  });
  await stopOrphan({ cluster, pgCtl: bin('pg_ctl'), childOptions, onNotice: options.onNotice });

  const port = options.port ?? (await findFreePort());
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A process group of its own: Ctrl-C in a terminal reaches the whole group, and Postgres must outlive the worker.
  const child = spawn(bin('postgres'), ['-D', cluster, ...flags], {
    ...childOptions,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      lastLines.push(...text.split('\n').filter(Boolean));
      lastLines.splice(0, Math.max(0, lastLines.length - 20));
    });
  }
  let hasExited = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      hasExited = true;
      resolve();
    });
    child.once('error', (error) => {
      lastLines.push(error.message);
      hasExited = true;
      resolve();
    });
  });

  const database = options.database ?? 'tollgate';
  const urlOf = (name: string) => `postgres://${USER_NAME}:${password}@127.0.0.1:${port}/${name}`;
  const deadline = performance.now() + START_DEADLINE_MS;
  for (;;) {
    try {
      await createDatabaseIfMissing(urlOf('postgres'), database);
      break;
    } catch (error) {
      if (hasExited || performance.now() > deadline) {
        child.kill('SIGQUIT');
        throw new StartError(
          `The embedded Postgres in ${cluster} did not start: ${lastLines.slice(-5).join(' | ')}`,
          {
            cause: error,
          },
        );
      }
      await sleep(50);
    }
  }

  return {
    databaseUrl: urlOf(database),
    port,
    postmasterPid: child.pid as number,
    ended: exited,
    async stop(mode = 'fast') {
      if (!hasExited) child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await exited;
    },
  };
}

/** Open to every user, and root's to write. */
const OPEN_PLACE = '/var/lib/tollgate';

/**
 * Chooses where binaries and data are. Root's own folders are often closed to others, and then to the user that Postgres
 * runs as; what cannot be reached then lives in a place that is open, the data with a link where it was asked for.
 */
function preparePlace(
  folder: string,
  user: PostgresUser | undefined,
  onNotice?: (sentence: string) => void,
): { readonly folder: string; readonly root: string } {
  const { root } = findPostgresBinaries();
  return {
    root: !user || canOthersEnter(root) ? root : copyToOpenPlace(root),
    folder:
      !user || canOthersEnter(path.dirname(folder))
        ? ensureFolder(folder, user)
        : linkToOpenPlace(folder, user, onNotice),
  };
}

function copyToOpenPlace(root: string): string {
  const name = createHash('sha256')
    .update(readFileSync(path.join(root, 'bin', 'postgres')))
    .digest('hex')
    .slice(0, 12);
  const copy = path.join(OPEN_PLACE, `postgres-${name}`);
  if (existsSync(copy)) return copy;
  mkdirSync(OPEN_PLACE, { recursive: true, mode: 0o755 });
  // Two that copy at once, or one that is killed meanwhile, must leave no half of a copy under the final name.
  const part = `${copy}.${process.pid}`;
  cpSync(root, part, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(part, copy);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function linkToOpenPlace(folder: string, user: PostgresUser, onNotice?: (sentence: string) => void): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const openFolder = ensureFolder(path.join(OPEN_PLACE, `data-${name}`), user);
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
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}

interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Creates the cluster at first use, and gives the password of its owner. */
async function ensureCluster({
  cluster,
  folder,
  user,
  initdb,
  childOptions,
}: {
  readonly cluster: string;
  readonly folder: string;
  readonly user: PostgresUser | undefined;
  readonly initdb: string;
  readonly childOptions: ChildOptions;
}): Promise<string> {
  const passwordFile = path.join(folder, 'password');
  if (
    existsSync(path.join(cluster, 'PG_VERSION')) &&
    existsSync(path.join(cluster, 'global', 'pg_control'))
  ) {
    return readFileSync(passwordFile, 'utf8').trim();
  }
  // What a killed initdb left is no cluster yet, and initdb refuses a folder that is not empty.
  rmSync(cluster, { recursive: true, force: true });
  const password = randomBytes(18).toString('base64url');
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const building = `${cluster}.new`;
  rmSync(building, { recursive: true, force: true });
  try {
    await run(
      initdb,
      [
        '-D',
        building,
        '-U',
        USER_NAME,
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--no-locale',
      ],
      childOptions,
    );
  } catch (error) {
    throw new StartError(
      `The embedded Postgres could not be set up in ${cluster}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  renameSync(building, cluster);
  return password;
}

/** Stops the server of a process that was killed and left it behind. */
async function stopOrphan({
  cluster,
  pgCtl,
  childOptions,
  onNotice,
}: {
  readonly cluster: string;
  readonly pgCtl: string;
  readonly childOptions: ChildOptions;
  readonly onNotice: ((sentence: string) => void) | undefined;
}): Promise<void> {
  if (!existsSync(path.join(cluster, 'postmaster.pid'))) return;
  try {
    await run(pgCtl, ['status', '-D', cluster], childOptions);
  } catch {
    return; // Not running: Postgres itself clears the file of a server that is gone.
  }
  onNotice?.('Stopping the Postgres that an earlier run left behind.');
  await run(pgCtl, ['stop', '-D', cluster, '-m', 'fast', '-w'], childOptions);
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address)
    throw new StartError('There is no free port for the embedded Postgres.');
  return address.port;
}
