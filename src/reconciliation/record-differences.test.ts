import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import type { Difference } from './difference.ts';
import { recordDifferences } from './record-differences.sql.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const difference = (dedupeKey: string, changes: Partial<Difference> = {}): Difference => ({
  paymentId: 7n,
  reference: '7-abc',
  kind: 'status_contradiction',
  source: 'callback',
  ours: { status: 'failed' },
  theirs: { status: 'succeeded' },
  dedupeKey,
  ...changes,
});

function record(differences: readonly Difference[]) {
  return inTransaction(database.pool, (transaction) => recordDifferences(transaction, differences));
}

async function read(dedupeKey: string) {
  const { rows } = await database.pool.query(
    'select * from reconciliation_differences where dedupe_key = $1',
    [dedupeKey],
  );
  return rows[0];
}

test('a difference is recorded with what both sides say', async () => {
  const recorded = await record([difference('first')]);
  expect(recorded).toHaveLength(1);
  expect(await read('first')).toMatchObject({
    payment_id: 7n,
    reference: '7-abc',
    kind: 'status_contradiction',
    source: 'callback',
    ours: { status: 'failed' },
    theirs: { status: 'succeeded' },
    seen_count: 1,
    closed_at: null,
  });
});

test('a difference that is seen again is counted, not written again', async () => {
  await record([difference('again')]);
  const recorded = await record([
    difference('again', { source: 'report' }),
    difference('beside it', { paymentId: null, ours: null }),
  ]);
  expect(recorded.map(({ dedupeKey }) => dedupeKey)).toEqual(['beside it']);
  expect(await read('again')).toMatchObject({ seen_count: 2, source: 'callback' });
});

test('the same difference twice in one call is one', async () => {
  expect(await record([difference('twice'), difference('twice')])).toHaveLength(1);
  expect(await read('twice')).toMatchObject({ seen_count: 1 });
});

test('if many writers see one difference at once, it is new to one of them', async () => {
  const recorded = await Promise.all(
    Array.from({ length: 6 }, () => record([difference('race'), difference('race 2')])),
  );
  expect(recorded.flat()).toHaveLength(2);
  expect(await read('race')).toMatchObject({ seen_count: 6 });
});

test('a recorded difference cannot be deleted', async () => {
  await expect(database.pool.query('delete from reconciliation_differences')).rejects.toThrow(
    'is not allowed',
  );
});

test.each(['half a pair \ud83d', '\ude00 the other half', 'a\0b'])(
  'what the gateway wrote in %j is recorded, and is the same difference when it comes again',
  async (text) => {
    const said = difference(`said ${text}`, {
      reference: text,
      theirs: { status: 'succeeded', currency: text, [text]: 1 },
    });
    expect(await record([said])).toHaveLength(1);
    expect(await record([said])).toEqual([]);
  },
);
