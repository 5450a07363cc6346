import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPool, type Pool } from '../src/database/database.ts';
import { CommitOutcomeUnknown } from '../src/database/transactions/commit-outcome.ts';
import { inTransaction } from '../src/database/transactions/transaction.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/local/postgres/embedded-postgres.ts';
import { testConfig } from './support/test-config.ts';

let folder: string;
let postgres: EmbeddedPostgres;
let pool: Pool;
let takenId: bigint;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tollgate-test-crash-'));
  // Root runs Postgres as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  postgres = await startEmbeddedPostgres({ dataFolder: folder });
  pool = createPool(postgres.databaseUrl, testConfig(), 'test', () => {});
  await pool.query('create table notes (text text primary key)');
});
afterAll(async () => {
  await pool.end();
  await postgres.stop('immediate');
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Crashes the server under a transaction whose id is not on disk yet. The server gives the id out again, and the transaction
 * that gets it commits.
 */
async function crashAndReuseId(): Promise<void> {
  const { port } = postgres;
  await postgres.stop('immediate');
  postgres = await startEmbeddedPostgres({ dataFolder: folder, port });
  for (let id = 0n; id < takenId; ) {
    const { rows } = await pool
      .query('select pg_current_xact_id()::text::bigint as id')
      .catch(() => ({ rows: [] }));
    id = rows[0]?.id ?? id;
  }
}

/** Writes nothing before the crash: a write might just have brought the id to disk. */
function writeThroughCrash(options: Parameters<typeof inTransaction>[2] = {}): Promise<unknown> {
  return inTransaction(
    pool,
    async (transaction) => {
      const { rows } = await transaction.query('select pg_current_xact_id()::text::bigint as id');
      takenId = rows[0].id;
      await crashAndReuseId();
    },
    options,
  );
}

const isWritten = async (text: string) =>
  (await pool.query('select from notes where text = $1', [text])).rowCount === 1;

test('a commit that was lost in a crash is not mistaken for that of another transaction with the same id', async () => {
  await expect(writeThroughCrash()).rejects.toBeInstanceOf(CommitOutcomeUnknown);
  expect(await isWritten('note')).toBe(false);
});

test('the missing rows show that it was not written', async () => {
  const write = writeThroughCrash({ isWritten: () => isWritten('note') });
  await expect(write).rejects.not.toBeInstanceOf(CommitOutcomeUnknown);
  expect(await isWritten('note')).toBe(false);
});
