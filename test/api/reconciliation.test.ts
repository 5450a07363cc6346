import { inTransaction } from '../../src/database/transactions/transaction.ts';
import { recordDifferences } from '../../src/reconciliation/record-differences.sql.ts';
import { runReconciliation } from '../../src/reconciliation/run-reconciliation.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const line = {
  line: 1,
  reference: '12345-missing',
  gatewayReference: 'gw',
  type: 'deposit',
  amountMinor: 20_000n,
  currency: 'USD',
  status: 'succeeded',
  executedAt: new Date(),
  unreadableTime: null,
} as const;
const book = {
  async *read() {
    yield line;
  },
  close() {},
};

test('a report is read with its counts and its totals, and its difference goes to suspense by a decision', async () => {
  const { reportId } = await runReconciliation({ ...database, book, startedBy: 'command', graceMs: 0 });
  const list = await api.get('/api/v1/reconciliation/reports');
  const read = await api.get(`/api/v1/reconciliation/reports/${reportId}`);
  expect(read.json).toMatchObject({
    status: 'differences',
    differences: { missing_here: { found: 1, open: 1 } },
    totals: [{ currency: 'USD', theirs_minor: '20000', ours_minor: '0' }],
  });
  expect(list.json.items).toEqual([read.json]);

  const { json: open } = await api.get('/api/v1/reconciliation/exceptions');
  const path = `/api/v1/reconciliation/exceptions/${open.items[0].id}/post-to-suspense`;
  expect((await api.post(path, { by: 'ana' })).status).toBe(422);
  expect(await api.post(path, { by: 'ana', reason: 'theirs' })).toMatchObject({
    status: 200,
    json: { closed_by: 'ana', closed_reason: 'posted to suspense: theirs' },
  });
  expect(await api.post(path, { by: 'bob', reason: 'again' })).toMatchObject({
    status: 409,
    json: { code: 'exception-closed' },
  });
  expect((await runReconciliation({ ...database, book, startedBy: 'command', graceMs: 0 })).status).toBe(
    'clean',
  );
});

test('a difference without a known amount cannot be posted', async () => {
  await inTransaction(database.pool, (transaction) =>
    recordDifferences(transaction, [
      {
        paymentId: null,
        reference: 'r',
        kind: 'unknown_payment',
        source: 'callback',
        ours: null,
        theirs: { status: 'succeeded', amount: null, currency: null },
        dedupeKey: 'k',
      },
    ]),
  );
  const { json } = await api.get('/api/v1/reconciliation/exceptions');
  const path = `/api/v1/reconciliation/exceptions/${json.items[0].id}/post-to-suspense`;
  expect(await api.post(path, { by: 'ana', reason: 'r' })).toMatchObject({
    status: 409,
    json: { code: 'exception-not-postable' },
  });
});

test('a report or an exception that does not exist is not found', async () => {
  expect(await api.get('/api/v1/reconciliation/reports/99')).toMatchObject({
    status: 404,
    json: { code: 'report-not-found' },
  });
  const path = '/api/v1/reconciliation/exceptions/99/post-to-suspense';
  expect((await api.post(path, { by: 'ana', reason: 'r' })).status).toBe(404);
});
