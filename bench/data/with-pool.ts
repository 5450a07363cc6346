import { createPool, type Pool } from '../../src/database/database.ts';
import { parseConfig } from '../../src/process/settings/config.ts';

/** Runs `work` with a pool of the project's own, for what its own code is to do to a database of the bench. */
export async function withPool<Result>(
  databaseUrl: string,
  work: (pool: Pool) => Promise<Result>,
): Promise<Result> {
  const pool = createPool(databaseUrl, parseConfig({}), 'bench', () => {});
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
