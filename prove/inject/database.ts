import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KeptPostgres, keepPostgres } from '../../src/local/keep-postgres.ts';
import { parseConfig } from '../../src/shared/config.ts';
import { createPool, type Pool, pingDatabase } from '../../src/shared/database.ts';
import { migrateToLatest } from '../../src/shared/migrate.ts';

const RECOVERY_DEADLINE_MS = 60_000;
const PING_MS = 1000;
const SETTLE_MS = 1500;

export interface ProofDatabase {
  readonly databaseUrl: string;
  readonly port: number;
  /** A way past the proxies, for looking. */
  readonly pool: Pool;
  /** Stops the server as a crash would (`pg_ctl stop -m immediate`) and gives how long it was away, in milliseconds. */
  crash(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * An embedded Postgres of the proof's own, as `npm start` would run it.
 * @throws StartError when it does not start.
 */
export async function startProofDatabase(
  folder: string,
  say: (line: string) => void,
): Promise<ProofDatabase> {
  const dataFolder = path.join(folder, 'postgres');
  const postgres: KeptPostgres = await keepPostgres({ dataFolder, say });
  const { databaseUrl } = postgres;
  await migrateToLatest(databaseUrl);
  const pool = createPool(
    databaseUrl,
    parseConfig({ APP_NAME: 'prove', DATABASE_POOL_SIZE: '3' }),
    'watch',
    () => {},
  );

  /** One after the other: a server that is still recovering has no sessions to crash under. */
  let crashing: Promise<number> = Promise.resolve(0);

  function readPostmasterPid(): number {
    return Number(readFileSync(path.join(dataFolder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  return {
    databaseUrl,
    port: Number(new URL(databaseUrl).port),
    pool,
    crash() {
      crashing = crashing.catch(() => {}).then(crashOnce);
      return crashing;
    },
    async stop() {
      await pool.end().catch(() => {});
      await postgres.stop('immediate');
    },
  };

  async function crashOnce(): Promise<number> {
    const startedAt = performance.now();
    process.kill(readPostmasterPid(), 'SIGQUIT');
    // Its last breath must not be taken for its return.
    await sleep(PING_MS / 4);
    while (performance.now() - startedAt < RECOVERY_DEADLINE_MS) {
      const isBack = await pingDatabase(pool, PING_MS).then(
        () => true,
        () => false,
      );
      if (isBack) {
        const awayMs = performance.now() - startedAt;
        // Whoever started it again must see that it has, before the next crash.
        await sleep(SETTLE_MS);
        return awayMs;
      }
      await sleep(50);
    }
    throw new Error('Postgres did not come back');
  }
}
