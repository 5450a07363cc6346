import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/local/postgres/embedded-postgres.ts';
import { waitUntil } from './wait-until.ts';

const run = promisify(execFile);
const DATABASE = 'tollgate';
const STANDBY = 'standby';
const SETTINGS = { fsync: 'off', max_connections: '100', shared_buffers: '32MB' };

/**
 * A primary with a migrated database and a standby that follows it: two servers of their own, for what no single server
 * shows (a promotion, a COMMIT that waits for a replica).
 * @returns when the standby has caught up.
 */
export async function startReplicatedPostgres() {
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-replicated-'));
  // Root runs Postgres as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  const primaryFolder = path.join(folder, 'primary');
  const standbyFolder = path.join(folder, 'standby');

  const first = await startEmbeddedPostgres({
    dataFolder: primaryFolder,
    database: DATABASE,
    settings: SETTINGS,
  });
  await migrateToLatest(first.databaseUrl);
  await first.stop('fast');
  // A copy of a server that was stopped is a base backup; `-a` keeps the owner that Postgres insists on.
  await run('cp', ['-a', primaryFolder, standbyFolder]);
  const primary = await startEmbeddedPostgres({
    dataFolder: primaryFolder,
    database: DATABASE,
    settings: SETTINGS,
  });
  writeFileSync(path.join(standbyFolder, 'cluster', 'standby.signal'), '', { mode: 0o644 });
  const { username, password } = new URL(primary.databaseUrl);
  const standby = await startEmbeddedPostgres({
    dataFolder: standbyFolder,
    database: DATABASE,
    settings: {
      ...SETTINGS,
      primary_conninfo: `host=127.0.0.1 port=${primary.port} user=${username} password=${password} application_name=${STANDBY}`,
      wal_retrieve_retry_interval: '100ms',
    },
  });
  await waitUntil('a standby that follows', async () => (await replicationState()) === 'streaming');

  async function replicationState(): Promise<string | undefined> {
    const [row] = await ask(primary, 'select state from pg_stat_replication');
    return row?.state;
  }

  /** The process of the standby that receives and acknowledges what the primary writes. */
  async function receiverPid(): Promise<number> {
    const [row] = await ask(
      standby,
      `select pid from pg_stat_activity where backend_type = 'walreceiver' and pid is not null`,
    );
    return row?.pid;
  }

  return {
    primary,
    standby,

    /** From now on a COMMIT at the primary waits until the standby has it. */
    async requireStandby(): Promise<void> {
      await ask(primary, `alter system set synchronous_standby_names = '${STANDBY}'`);
      await ask(primary, 'select pg_reload_conf()');
      await waitUntil('a synchronous standby', async () => {
        const [row] = await ask(primary, 'select sync_state from pg_stat_replication');
        return row?.sync_state === 'sync';
      });
    },

    /** The standby takes and acknowledges nothing until the returned function is called. */
    async holdStandby(): Promise<() => void> {
      const pid = await receiverPid();
      process.kill(pid, 'SIGSTOP');
      return () => process.kill(pid, 'SIGCONT');
    },

    /** Waits until the standby has replayed all that the primary has written. */
    async catchUp(): Promise<void> {
      const [{ lsn }] = await ask(primary, 'select pg_current_wal_flush_lsn()::text as lsn');
      await waitUntil('a standby that has it all', async () => {
        const [row] = await ask(standby, 'select pg_last_wal_replay_lsn() >= $1::pg_lsn as done', [lsn]);
        return row?.done;
      });
    },

    /** Makes the standby a primary of its own; the old primary goes on, unless it is stopped. */
    async promote(): Promise<void> {
      await ask(standby, 'select pg_promote(true, 30)');
    },

    async stop(): Promise<void> {
      await Promise.all([primary.stop('immediate'), standby.stop('immediate')]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type ReplicatedPostgres = Awaited<ReturnType<typeof startReplicatedPostgres>>;

/** Runs one statement on a connection of its own. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into rows of many shapes
export async function ask(server: EmbeddedPostgres, text: string, values: unknown[] = []): Promise<any[]> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
