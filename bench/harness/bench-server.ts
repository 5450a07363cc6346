import { fork } from 'node:child_process';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/local/postgres/embedded-postgres.ts';
import { createDatabaseFrom, dropDatabase, readServerFacts } from '../data/databases.sql.ts';
import {
  readCostliestStatements,
  type StatementCost,
  startStatementStatistics,
} from '../data/statement-statistics.sql.ts';

const KEEPER = path.resolve(import.meta.dirname, '..', '..', 'src', 'local', 'postgres-keeper.ts');
const PREFIX = 'tollgate_bench';

/**
 * Settings of the embedded server, the same for everybody who is measured. Durability is as in production (`fsync` and
 * `synchronous_commit` are on). The rest keeps checkpoints out of a run of minutes, gives room in memory to the data of the
 * bench, and turns off the just-in-time compiler, which helps none of these short statements.
 */
const SERVER_SETTINGS = {
  shared_buffers: '512MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  max_connections: '200',
  jit: 'off',
  // So that autovacuum follows the queue tables of all contenders within a measurement.
  autovacuum_naptime: '5s',
} as const;

/** The Postgres on which everything is measured. */
export interface BenchServer {
  /** The address of a database of the bench by its short name. */
  urlOf(name: string): string;
  /** Creates a database, a copy of another one of the bench when `from` names it; replaces what an earlier run left. */
  createDatabase(name: string, options?: { readonly from?: string }): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** Drops what an unfinished part left behind. */
  dropAllBut(name: string): Promise<void>;
  readonly facts: { readonly version: string; readonly is_embedded: boolean; readonly settings: object };
  stop(): Promise<void>;
}

/**
 * Uses the server at `databaseUrl`, or starts an embedded one in `folder`.
 * On a server that is given, databases named `tollgate_bench_...` are created, and dropped at the end.
 */
export async function startBenchServer({
  databaseUrl,
  folder,
  onProfile,
}: {
  readonly databaseUrl: string | undefined;
  readonly folder: string;
  /** Told of the costliest statements of each database before it is dropped. */
  readonly onProfile?: ((database: string, statements: readonly StatementCost[]) => void) | undefined;
}): Promise<BenchServer> {
  const extra = onProfile && { shared_preload_libraries: 'pg_stat_statements' };
  const embedded = databaseUrl === undefined ? await startEmbedded(folder, extra) : undefined;
  const adminUrl = databaseUrl ?? (embedded as EmbeddedPostgres).databaseUrl;
  if (onProfile) await startStatementStatistics(adminUrl);
  const created = new Set<string>();
  const fullName = (name: string) => `${PREFIX}_${name}`;
  const urlOf = (name: string) => {
    const url = new URL(adminUrl);
    url.pathname = `/${fullName(name)}`;
    return url.toString();
  };
  const drop = async (name: string) => {
    if (onProfile && created.has(name))
      onProfile(name, await readCostliestStatements(adminUrl, fullName(name)));
    await dropDatabase(adminUrl, fullName(name));
    created.delete(name);
  };

  return {
    urlOf,
    async createDatabase(name, { from } = {}) {
      await drop(name);
      await createDatabaseFrom(adminUrl, { name: fullName(name), template: from && fullName(from) });
      created.add(name);
      return urlOf(name);
    },
    dropDatabase: drop,
    async dropAllBut(kept) {
      for (const name of [...created]) if (name !== kept) await drop(name);
    },
    facts: {
      ...(await readServerFacts(adminUrl, Object.keys(SERVER_SETTINGS))),
      is_embedded: embedded !== undefined,
    },
    async stop() {
      if (embedded) await embedded.stop('immediate');
      else for (const name of [...created]) await drop(name);
    },
  };
}

async function startEmbedded(
  folder: string,
  extraSettings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedPostgres> {
  const dataFolder = path.join(folder, 'postgres');
  const postgres = await startEmbeddedPostgres({
    dataFolder,
    database: `${PREFIX}_admin`,
    settings: { ...SERVER_SETTINGS, ...extraSettings },
  });
  // Stops the server if this process is killed and cannot.
  const keeper = fork(
    KEEPER,
    [String(postgres.postmasterPid), path.join(dataFolder, 'cluster', 'postmaster.pid')],
    { detached: true, stdio: 'ignore' },
  );
  return {
    ...postgres,
    async stop(mode) {
      await postgres.stop(mode);
      keeper.kill('SIGKILL');
    },
  };
}
