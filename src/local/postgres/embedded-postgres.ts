import { createServer } from 'node:net';
import path from 'node:path';
import { retry } from '../../background/retry.ts';
import { StartError } from '../../process/lifecycle.ts';
import { createDatabaseIfMissing } from './create-database.sql.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { DATABASE_USER, ensureCluster } from './postgres-cluster.ts';
import { reachBinaries, reachDataFolder } from './postgres-place.ts';
import { choosePostgresUser } from './postgres-user.ts';
import { type PostgresServer, runPostgres } from './run-postgres.ts';
import { stopOrphan } from './stop-orphan.ts';

export interface EmbeddedPostgresOptions {
  /** The folder of the cluster and its password. Created if missing. */
  readonly dataFolder: string;
  /** Server settings that differ from the defaults, for example `{ fsync: 'off' }` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly database?: string;
  /** A free port is chosen if none is given. */
  readonly port?: number;
  /** Receives, as one sentence, anything that a person should know. */
  readonly onNotice?: (sentence: string) => void;
}

export interface EmbeddedPostgres {
  readonly databaseUrl: string;
  readonly port: number;
  readonly postmasterPid: number;
  /** Resolves when the server has ended, for any reason. */
  readonly ended: Promise<void>;
  /** Ends sessions and shuts down cleanly (`fast`), or stops like a crash (`immediate`). */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

/**
 * Temporary failures: sessions of a killed server end only when they notice, and a port that was free a moment ago may have been taken by
 * an outgoing connection.
 */
const PASSING_TROUBLE = /pre-existing shared memory block|could not bind|Address already in use/i;
const RETRIES = 9;
const PAUSES = { baseMs: 500, maxMs: 500 };

/**
 * Starts an embedded Postgres on a free loopback port, with the existing data, or new data at first use. First stops a server that a killed
 * process left running on the same data.
 * @throws StartError if it does not start, with the end of its log, or if a running stack uses the data.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { onNotice } = options;
  const wantedFolder = path.resolve(options.dataFolder);
  const user = choosePostgresUser(path.join(wantedFolder, 'cluster'));
  const root = reachBinaries(findPostgresBinaries().root, user);
  const folder = reachDataFolder(wantedFolder, user, onNotice);
  const bin = (name: string) => path.join(root, 'bin', name);
  const cluster = path.join(folder, 'cluster');
  const processOptions = { ...user, cwd: folder, env: minimalEnvironment() };

  const password = await ensureCluster({ cluster, user, initdb: bin('initdb'), processOptions });
  await stopOrphan({ cluster, pgCtl: bin('pg_ctl'), processOptions, onNotice });

  const database = options.database ?? 'tollgate';
  const urlOf = (name: string, port: number) =>
    `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/${name}`;
  const run = (port: number): Promise<PostgresServer> =>
    runPostgres({
      binary: bin('postgres'),
      flags: ['-D', cluster, ...flagsFor(port, options.settings)],
      processOptions,
      letIn: () => createDatabaseIfMissing(urlOf('postgres', port), database),
    });
  async function start(): Promise<EmbeddedPostgres> {
    const port = options.port ?? (await findFreePort());
    const { pid, ended, stop } = await run(port);
    return { databaseUrl: urlOf(database, port), port, postmasterPid: pid, ended, stop };
  }
  return await retry(start, {
    retries: RETRIES,
    pauses: PAUSES,
    mayHelp: ({ error }) => error instanceof StartError && PASSING_TROUBLE.test(error.message),
  });
}

/** Postgres does not log its environment, but other people may be able to inspect the process, so keep our secrets out of it. */
function minimalEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env;
  return { LC_ALL: 'C', TZ: 'UTC', ...(PATH ? { PATH } : {}), ...(TMPDIR ? { TMPDIR } : {}) };
}

function flagsFor(port: number, changes: Readonly<Record<string, string>> = {}): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    ...changes,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
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
