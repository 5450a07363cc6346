import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/local/postgres/embedded-postgres.ts';
import { createDatabaseProxy } from './database-proxy.ts';
import { ask } from './replicated-postgres.ts';
import { waitUntil } from './wait-until.ts';

const run = promisify(execFile);

/**
 * A server of its own behind an address that stays, whose state can be kept and put back while processes run: what
 * a restored backup or a snapshot of a disk does to them.
 */
export async function startRestorablePostgres() {
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-restorable-'));
  // Root runs Postgres as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  const dataFolder = path.join(folder, 'data');
  const keptFolder = path.join(folder, 'kept');
  let server: EmbeddedPostgres;
  const start = async (settings: Record<string, string> = {}) => {
    server = await startEmbeddedPostgres({ dataFolder, settings: { fsync: 'off', ...settings } });
  };
  await start();
  await migrateToLatest(server!.databaseUrl);
  const proxy = await createDatabaseProxy(server!.databaseUrl);

  async function restart(settings: Record<string, string> = {}): Promise<void> {
    await start(settings);
    // A backup that is recovered lets readers in before it is done.
    await waitUntil('a server that takes writes', async () => {
      const [row] = await ask(server, 'select pg_is_in_recovery() as recovers');
      return !row.recovers;
    });
    proxy.leadTo(server.databaseUrl);
    proxy.endSessions();
  }

  return {
    /** Leads to whatever state the server is in. */
    databaseUrl: proxy.url,

    /** Keeps the state of now. */
    async keep(): Promise<void> {
      await server.stop('fast');
      await run('cp', ['-a', dataFolder, keptFolder]);
      await restart();
    },

    /**
     * Puts the kept state back, with all that came after it forgotten: as a `snapshot` of the disk, which nothing in the database tells
     * of, or as a `backup` that was recovered, which begins a timeline of its own.
     */
    async putBack(as: 'snapshot' | 'backup'): Promise<void> {
      await server.stop('immediate');
      rmSync(dataFolder, { recursive: true });
      await run('cp', ['-a', keptFolder, dataFolder]);
      if (as === 'snapshot') return await restart();
      writeFileSync(path.join(dataFolder, 'cluster', 'recovery.signal'), '', { mode: 0o644 });
      await restart({ restore_command: '/bin/false' });
    },

    async stop(): Promise<void> {
      await proxy.cut();
      await server.stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type RestorablePostgres = Awaited<ReturnType<typeof startRestorablePostgres>>;
