import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createKnex, createPool, type Knex, type Pool } from '../../src/shared/database.ts';
import { testConfig } from './test-config.ts';

export interface TestDatabase {
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly knex: Knex;
  close(): Promise<void>;
}

/** A database of its own for one test file, migrated and empty. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const templateUrl = process.env.TOLLGATE_TEST_TEMPLATE_URL;
  if (!templateUrl) throw new Error('the test server is not running: start tests through jest');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(templateUrl, `create database ${name} template tollgate_template`);

  const databaseUrl = withDatabase(templateUrl, name);
  const config = testConfig({ DATABASE_URL: databaseUrl });
  const pool = createPool(databaseUrl, config, 'test', () => {});
  const knex = createKnex(databaseUrl, config, 'test');
  return {
    databaseUrl,
    pool,
    knex,
    async close() {
      await Promise.all([pool.end(), knex.destroy()]);
      await administer(templateUrl, `drop database ${name} with (force)`);
    },
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}

/** Two test files that copy the template at the same moment are in each other's way for a few milliseconds. */
async function administer(templateUrl: string, statement: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const client = new pg.Client({ connectionString: withDatabase(templateUrl, 'postgres') });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query(statement);
      return;
    } catch (error) {
      if (tries >= 50 || (error as { code?: string }).code !== '55006') throw error;
      await sleep(100);
    } finally {
      await client.end();
    }
  }
}
