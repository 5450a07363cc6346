import { Agent, request as sendRequest } from 'node:http';
import { startTestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Sends a withdrawal on a connection that the client would like to keep. */
function withdraw(origin: string, agent: Agent, userId: number) {
  return new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
    const request = sendRequest(
      `${origin}/api/v1/payments/withdraw`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (response) => {
        response.resume();
        response.once('end', () =>
          resolve({ status: response.statusCode, connection: response.headers.connection }),
        );
      },
    );
    request.once('error', reject);
    request.end(JSON.stringify({ user_id: userId, amount: 50 }));
  });
}

test('an API that is stopped finishes the request in progress, and accepts no other, even on the same connection', async () => {
  const api = await startTestApi(database.databaseUrl);
  const userId = await api.user();
  const holder = await database.pool.connect();
  await holder.query('begin');
  await holder.query('select from accounts where user_id = $1 for update', [userId]);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  const underWay = withdraw(api.origin, agent, userId);
  await waitUntil('a request that waits for the wallet', async () => {
    const { rows } = await database.pool.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.length > 0;
  });
  const stopsAt = performance.now();
  const stopped = api.stop();
  await holder.query('commit');
  holder.release();

  expect(await underWay).toEqual({ status: 202, connection: 'close' });
  await expect(withdraw(api.origin, agent, userId)).rejects.toThrow();
  await stopped;
  agent.destroy();
  // Before the end of the grace period, after which connections are cut.
  expect(performance.now() - stopsAt).toBeLessThan(5000);
  const { rows } = await database.pool.query('select count(*)::int as count from payments');
  expect(rows).toEqual([{ count: 1 }]);
});
