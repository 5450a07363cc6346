import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import type { Queryable } from '../database/database.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { watchIntegrity } from './watch-integrity.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Keeps back what the database answers to the next count of violations. */
function createHeldPool() {
  let held: PromiseWithResolvers<void> | undefined;
  let isNext = false;
  const query = async (...given: unknown[]) => {
    const answer = await (database.pool.query as (...all: unknown[]) => Promise<unknown>)(...given);
    if (isNext && String(given[0]).includes('integrity_violations')) {
      isNext = false;
      held = Promise.withResolvers();
      await held.promise;
    }
    return answer;
  };
  return {
    pool: { query } as Queryable,
    holdNext: () => {
      isNext = true;
    },
    isHolding: () => held !== undefined,
    letGo: () => held?.resolve(),
  };
}

test('a look that was overtaken by a later one changes nothing when it is answered', async () => {
  const { pool, holdNext, isHolding, letGo } = createHeldPool();
  const registry = createRegistry();
  const watch = await watchIntegrity({
    pool,
    registry,
    intervalMs: 3_600_000,
    staleAfterMs: 60_000,
    onError: () => {},
  });
  holdNext();
  const slow = watch.look();
  await waitUntil('a look that has read', isHolding);
  await database.pool.query(
    "insert into integrity_violations (rule, subject, fingerprint, detail) values ('balance_equals_entries', 'account:1', '1 0', 'x')",
  );
  expect((await watch.look()).openCount).toBe(1);

  letGo();
  expect((await slow).openCount).toBe(0);
  expect(watch.openCount()).toBe(1);
  expect(await registry.metrics()).toContain('tollgate_ledger_integrity_violations 1');
  await watch.stop();
});
