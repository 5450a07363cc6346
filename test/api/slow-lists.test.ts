import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl, {
    DATABASE_LIST_TIMEOUT_SECONDS: '0.3',
    DATABASE_LOCK_TIMEOUT_SECONDS: '5',
  });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

test.each([
  ['/api/v1/payments', 'payments', 'user_id'],
  ['/api/v1/dlq', 'payment_dlq', 'reason'],
  ['/api/v1/unknown-payments', 'payment_inquiries', 'state'],
  ['/api/v1/reconciliation/exceptions', 'reconciliation_differences', 'kind'],
  ['/api/v1/reconciliation/reports', 'reconciliation_reports', 'limit'],
  ['/api/v1/integrity/violations', 'integrity_violations', 'state'],
  ['/api/v1/bulk-redrives', 'bulk_redrives', 'limit'],
  ['/api/v1/bulk-redrives/preview', 'payment_dlq', 'reason'],
])(
  '%s takes too long: the answer says so, and by what it can be narrowed',
  async (path, table, parameter) => {
    const holder = await database.pool.connect();
    await holder.query(`begin; lock table ${table} in access exclusive mode`);
    const answer = await api.get(path);
    await holder.query('rollback');
    holder.release();
    expect(answer).toMatchObject({ status: 503, json: { code: 'list-too-slow', retry: 'same-key' } });
    expect(answer.json.detail).toContain(parameter);
    expect(answer.json.detail).not.toMatch(/cursor|Nothing was done/);
    expect(answer.headers.get('retry-after')).toBe('1');
  },
);
