import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createLogger } from '../telemetry/logging.ts';
import { startWorker } from './start-worker.ts';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'tollgate-rates-'));
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a worker that starts reads the rates at once, not when the schedule comes to it', async () => {
  const file = path.join(folder, 'rates.json');
  writeFileSync(
    file,
    JSON.stringify({ base: 'USD', as_of: new Date().toISOString(), rates: { JPY: '150.25' } }),
  );
  const config = testConfig({
    DATABASE_URL: database.databaseUrl,
    PAYMENT_GATEWAY_URL: 'http://127.0.0.1:1/',
    RATES_SOURCE: 'file',
    RATES_FILE: file,
  });
  const worker = await startWorker(config, createLogger(config, 'worker'));
  try {
    const rates = await waitUntil('rates', async () => {
      const { rows } = await database.pool.query(
        `select quote, state from exchange_rates where source = 'file'`,
      );
      return rows.length === 1 && rows;
    });
    expect(rates).toEqual([{ quote: 'JPY', state: 'current' }]);
  } finally {
    await worker.stop();
  }
});
