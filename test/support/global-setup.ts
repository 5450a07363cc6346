import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { prepareRunningRole } from '../../src/database/sessions/running-role.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/local/postgres/embedded-postgres.ts';
import { withRunningRole } from './test-database.ts';

declare global {
  var tollgateTestServer: { readonly postgres: EmbeddedPostgres; readonly folder: string } | undefined;
}

/** One Postgres for the whole run; each test file works in a copy of the migrated template. */
export default async function globalSetup(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-test-'));
  // Root runs Postgres as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({
    dataFolder: path.join(folder, 'postgres'),
    database: 'tollgate_template',
    // The machine will not lose power during a test; everything else is as in production.
    settings: { fsync: 'off', max_connections: '300', shared_buffers: '256MB' },
  });
  await migrateToLatest(postgres.databaseUrl);
  await prepareRunningRole({
    ownerUrl: postgres.databaseUrl,
    runningUrl: withRunningRole(postgres.databaseUrl),
  });
  globalThis.tollgateTestServer = { postgres, folder };
  process.env.TOLLGATE_TEST_TEMPLATE_URL = postgres.databaseUrl;
}
