import { execFile } from 'node:child_process';
import { chownSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type pg from 'pg';
import { type KeptPostgres, keepPostgres } from '../../src/local/postgres/keep-postgres.ts';
import { type HoldableLink, startHoldableLink } from './holdable-link.ts';
import { beginCopy, endCopy, onServer, readSyncState, requireStandby } from './server.sql.ts';

const run = promisify(execFile);
const NAME = 'standby';
const FOLLOW_DEADLINE_MS = 20_000;
const LOOK_MS = 50;
/** What a new standby still needs must not be thrown away while it is being copied. */
export const PRIMARY_SETTINGS = { wal_keep_size: '512MB' };

/** A server that has everything its primary has told a client to be committed. */
export interface Standby {
  readonly postgres: KeptPostgres;
  readonly dataFolder: string;
  /** What the primary sends it goes through here. */
  readonly link: HoldableLink;
}

/**
 * Copies a server that runs, starts the copy as its synchronous standby, and resolves when COMMITs wait for it.
 * @throws Error when it does not follow in time; then nothing of it runs any more.
 */
export async function startStandby({
  primaryUrl,
  primaryFolder,
  dataFolder,
  settings,
  say,
}: {
  readonly primaryUrl: string;
  readonly primaryFolder: string;
  readonly dataFolder: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}): Promise<Standby> {
  return await onServer(primaryUrl, async (session) => {
    await copyServer(session, { primaryFolder, dataFolder });
    const { port, username, password } = new URL(primaryUrl);
    const link = await startHoldableLink(Number(port));
    let postgres: KeptPostgres | undefined;
    try {
      const source = `host=127.0.0.1 port=${link.port} user=${username} password=${password} application_name=${NAME}`;
      postgres = await keepPostgres({
        dataFolder,
        say,
        settings: { ...settings, primary_conninfo: source, wal_retrieve_retry_interval: '100ms' },
      });
      await untilSyncState(session, 'async');
      await requireStandby(session, NAME);
      await untilSyncState(session, 'sync');
      return { postgres, dataFolder, link };
    } catch (error) {
      await requireStandby(session, null).catch(() => {});
      await postgres?.stop('immediate');
      await link.stop();
      throw error;
    }
  });
}

async function copyServer(
  session: pg.Client,
  { primaryFolder, dataFolder }: { readonly primaryFolder: string; readonly dataFolder: string },
): Promise<void> {
  await beginCopy(session);
  // `-a` keeps the owner that Postgres insists on. Files that vanish while it copies are none that the copy needs
  // (PostgreSQL documentation, "Backing Up the Data Directory"), and cp counts them as errors.
  await run('cp', ['-a', primaryFolder, dataFolder]).catch(() => {});
  const label = await endCopy(session);
  const cluster = path.join(dataFolder, 'cluster');
  for (const name of ['postmaster.pid', 'postmaster.opts']) rmSync(path.join(cluster, name), { force: true });
  // The log comes from the primary: a copy of one that was being written is worth nothing.
  const log = path.join(cluster, 'pg_wal');
  for (const entry of readdirSync(log, { withFileTypes: true }))
    if (entry.isFile()) rmSync(path.join(log, entry.name));
  const { uid, gid } = statSync(cluster);
  for (const [name, content] of [
    ['backup_label', label],
    ['standby.signal', ''],
  ] as const) {
    const file = path.join(cluster, name);
    writeFileSync(file, content, { mode: 0o600 });
    chownSync(file, uid, gid);
  }
}

async function untilSyncState(session: pg.Client, wanted: 'async' | 'sync'): Promise<void> {
  const deadline = performance.now() + FOLLOW_DEADLINE_MS;
  while ((await readSyncState(session)) !== wanted) {
    if (performance.now() > deadline) throw new Error('the standby does not follow');
    await sleep(LOOK_MS);
  }
}
