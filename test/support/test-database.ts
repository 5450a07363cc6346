import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createKnex, createPool, type Knex, type Pool } from '../../src/database/database.ts';
import { testConfig } from './test-config.ts';

export interface TestDatabase {
  /** For what is tested: as the role that runs, which may do no more than in production. */
  readonly databaseUrl: string;
  /** For what a test does itself, as the owner; so are `pool` and `knex`. */
  readonly ownerUrl: string;
  readonly pool: Pool;
  readonly knex: Knex;
  close(): Promise<void>;
}

/** A test may fill a database on a machine that is busy with others; what it means to time is the tested side. */
const PATIENT = { DATABASE_CONNECT_TIMEOUT_SECONDS: '20', DATABASE_STATEMENT_TIMEOUT_SECONDS: '60' };

/** A database of its own for one test file, migrated and empty. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const templateUrl = process.env.TOLLGATE_TEST_TEMPLATE_URL;
  if (!templateUrl) throw new Error('the test server is not running: start tests through jest');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(templateUrl, `create database ${name} template tollgate_template`);

  const ownerUrl = withDatabase(templateUrl, name);
  const config = testConfig({ DATABASE_URL: ownerUrl, ...PATIENT });
  const pool = createPool(ownerUrl, config, 'test', () => {});
  const knex = createKnex(ownerUrl, config, 'test');
  return {
    databaseUrl: withRunningRole(ownerUrl),
    ownerUrl,
    pool,
    knex,
    async close() {
      await Promise.all([pool.end(), knex.destroy()]);
      await administer(templateUrl, `drop database ${name} with (force)`);
    },
  };
}

/** The same database, as the role that processes run as. */
export function withRunningRole(ownerUrl: string): string {
  const changed = new URL(ownerUrl);
  changed.username = 'tollgate_app';
  return changed.toString();
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
