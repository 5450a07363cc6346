import { randomBytes } from 'node:crypto';
import { testConfig } from '../../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { createPool } from '../../database/database.ts';
import { readClock } from './clock.sql.ts';
import { decideClock } from './decide-clock.ts';
import { requireLedgerServer } from './require-ledger-server.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

const facts = { storedIdentifier: 7n, identifier: 7n, next: 100n, markedBelow: 90n };

test("the server whose ids were counted is the ledger's, and so is a physical copy of it, which has the same identifier", () => {
  expect(decideClock(facts).kind).toBe('same_server');
});

test('another identifier means another server, whatever its ids are', () => {
  expect(decideClock({ ...facts, identifier: 8n })).toMatchObject({
    kind: 'other_server',
    sentence: expect.stringMatching(/from the server 7 to the server 8.* npx tollgate rebase$/),
  });
});

test('ids below those that were counted are refused even under the same identifier', () => {
  expect(decideClock({ ...facts, next: 89n }).kind).toBe('went_back');
  expect(decideClock({ ...facts, identifier: null, next: 89n }).kind).toBe('went_back');
});

test('the migration records the server, and a database without a record gets one at the first start', async () => {
  const noted = (await readClock(database.pool))?.storedIdentifier;
  expect(noted).toEqual(expect.any(BigInt));
  await database.pool.query('update ledger_clock set system_identifier = null');
  await requireLedgerServer(database.pool);
  expect((await readClock(database.pool))?.storedIdentifier).toBe(noted);
});

test("a role that may not read the server's identifier relies on the ids alone", async () => {
  const role = `restricted_${randomBytes(4).toString('hex')}`;
  await database.pool.query(
    `create role ${role} login password 'x'; grant all on all tables in schema public to ${role};
     revoke execute on function pg_control_system() from public`,
  );
  const url = new URL(database.databaseUrl);
  url.username = role;
  url.password = 'x';
  const pool = createPool(url.toString(), testConfig(), 'test', () => {});
  try {
    expect((await readClock(pool))?.identifier).toBeNull();
    await requireLedgerServer(pool);
    await database.pool.query('update integrity_checkpoint set checked_below = checked_below + 1000000000');
    await expect(requireLedgerServer(pool)).rejects.toThrow(/npx tollgate rebase$/);
  } finally {
    await pool.end();
    await database.pool.query(`drop owned by ${role}; drop role ${role}`);
  }
});

test('a database without migrations is accepted here', async () => {
  await database.pool.query('drop table ledger_clock cascade');
  await requireLedgerServer(database.pool);
});
