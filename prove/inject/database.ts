import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../src/database/database.ts';
import { pingDatabase } from '../../src/database/database-state.ts';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { type KeptPostgres, keepPostgres } from '../../src/local/postgres/keep-postgres.ts';
import { openPool } from '../world/open-pool.sql.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { endAllSessions, onServer, requireStandby, setReadOnlyDefault } from './server.sql.ts';
import { PRIMARY_SETTINGS, startStandby } from './standby.ts';
import { type SwitchOver, switchOver } from './switch-over.ts';

const RECOVERY_DEADLINE_MS = 60_000;
const PING_MS = 1000;
const SETTLE_MS = 1500;
/** The commit times of rows tell what was recorded before what, whatever their own times say. */
const SETTINGS = { ...PRIMARY_SETTINGS, track_commit_timestamp: 'on' };

export interface ProofDatabase {
  /** As it was at the start; after a switchover the port is another one. */
  readonly databaseUrl: string;
  /** The port of the server that writes, at this moment. */
  port(): number;
  /** For the prover's own queries, past the proxies of the processes under test. */
  readonly pool: Pool;
  /** Stops the server as a crash would (`pg_ctl stop -m immediate`) and gives how long it was away, in milliseconds. */
  crash(): Promise<number>;
  /** Makes the database read-only for a while; connections opened meanwhile stay read-only for as long as they live. */
  turnReadOnly(options: ReadOnlySpell): Promise<void>;
  /** Runs behind a synchronous standby for a while, loses the server for good, and goes on with the standby. */
  switchOver(plan: SwitchOver): Promise<number>;
  stop(): Promise<void>;
}

export interface ReadOnlySpell {
  readonly durationMs: number;
  readonly whenReadOnly?: () => Promise<void>;
  /** The database can be written to again, and nothing else happens to the server until this resolves. */
  readonly whenOver: () => Promise<void>;
}

interface Server {
  readonly postgres: KeptPostgres;
  readonly dataFolder: string;
}

/**
 * An embedded Postgres of the proof's own, as `npm start` would run it.
 * @throws StartError when it does not start.
 */
export async function startProofDatabase(
  folder: string,
  say: (line: string) => void,
): Promise<ProofDatabase> {
  const folderOf = (number: number) => path.join(folder, `postgres-${number}`);
  let serverCount = 1;
  let current: Server = {
    dataFolder: folderOf(serverCount),
    postgres: await keepPostgres({ dataFolder: folderOf(serverCount), settings: SETTINGS, say }),
  };
  const { databaseUrl } = current.postgres;
  const port = () => Number(new URL(current.postgres.databaseUrl).port);
  await migrateToLatest(databaseUrl);
  const proxy = await startCuttingProxy({ targetPort: port, onCut: () => {} });
  const pool = openPool(Object.assign(new URL(databaseUrl), { port: String(proxy.port) }).toString());

  /** One after the other: a server that is still recovering has no sessions to crash under. */
  let busy: Promise<unknown> = Promise.resolve();
  function alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = busy.catch(() => {}).then(work);
    busy = done;
    return done;
  }

  return {
    databaseUrl,
    port,
    pool,
    crash: () => alone(crashOnce),
    turnReadOnly: ({ durationMs, whenReadOnly, whenOver }) =>
      alone(async () => {
        await onServer(current.postgres.databaseUrl, async (session) => {
          await setReadOnlyDefault(session, true);
          try {
            await endAllSessions(session);
            await whenReadOnly?.();
            await sleep(durationMs);
          } finally {
            await setReadOnlyDefault(session, false);
          }
        });
        await whenOver();
      }),
    switchOver: (plan) => alone(() => moveToStandby(plan)),
    async stop() {
      await busy.catch(() => {});
      await pool.end().catch(() => {});
      await proxy.stop();
      await current.postgres.stop('immediate');
    },
  };

  async function crashOnce(): Promise<number> {
    const startedAt = performance.now();
    process.kill(readPostmasterPid(current), 'SIGQUIT');
    // It may still answer for a moment, which must not count as being back.
    await sleep(PING_MS / 4);
    return await untilBack(startedAt);
  }

  async function moveToStandby(plan: SwitchOver): Promise<number> {
    serverCount += 1;
    const primary = current;
    const standby = await startStandby({
      primaryUrl: primary.postgres.databaseUrl,
      primaryFolder: primary.dataFolder,
      dataFolder: folderOf(serverCount),
      settings: SETTINGS,
      say,
    });
    let hasMoved = false;
    const servers = {
      primaryUrl: primary.postgres.databaseUrl,
      primaryPid: () => readPostmasterPid(primary),
      stopPrimary: () => primary.postgres.stop('immediate'),
      standby,
      onMoved() {
        hasMoved = true;
        current = standby;
        proxy.cutAll();
      },
    };
    const lostAt = await switchOver(plan, servers).catch(async (error) => {
      if (!hasMoved) await forgetStandby(primary, standby);
      throw error;
    });
    rmSync(primary.dataFolder, { recursive: true, force: true });
    return await untilBack(lostAt);
  }

  /** COMMITs would wait for ever for a standby that is gone. */
  async function forgetStandby(primary: Server, standby: Server): Promise<void> {
    await onServer(primary.postgres.databaseUrl, (session) => requireStandby(session, null)).catch(
      (error: Error) => say(`COMMITs still wait for the standby: ${error.message}`),
    );
    await standby.postgres.stop('immediate');
    rmSync(standby.dataFolder, { recursive: true, force: true });
  }

  /** Waits until it answers again, and returns how long it was away. */
  async function untilBack(startedAt: number): Promise<number> {
    while (performance.now() - startedAt < RECOVERY_DEADLINE_MS) {
      const isBack = await pingDatabase(pool, PING_MS).then(
        () => true,
        () => false,
      );
      if (isBack) {
        const awayMs = performance.now() - startedAt;
        // Whoever restarted it must notice that it runs, before the next crash.
        await sleep(SETTLE_MS);
        return awayMs;
      }
      await sleep(50);
    }
    throw new Error('Postgres did not come back');
  }
}

function readPostmasterPid({ dataFolder }: Server): number {
  return Number(readFileSync(path.join(dataFolder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
}
