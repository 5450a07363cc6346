import { createPool, type Pool } from '../../src/database/database.ts';
import { CommitNotReplicated, CommitOutcomeUnknown } from '../../src/database/transactions/commit-outcome.ts';
import { inTransaction } from '../../src/database/transactions/transaction.ts';
import { signatureOf } from '../builders/callbacks.ts';
import { type ApiAnswer, startTestApi, type TestApi } from '../support/api-server.ts';
import { createDatabaseProxy, type DatabaseProxy, isCommit } from '../support/database-proxy.ts';
import { ask, type ReplicatedPostgres, startReplicatedPostgres } from '../support/replicated-postgres.ts';
import { testConfig } from '../support/test-config.ts';
import { waitUntil } from '../support/wait-until.ts';

const SECRET = 'a secret of the test';
let servers: ReplicatedPostgres;
let proxy: DatabaseProxy;
let pool: Pool;
let api: TestApi;
let userId: number;
let letStandbyGoOn: (() => void) | undefined;

beforeAll(async () => {
  servers = await startReplicatedPostgres();
  await servers.requireStandby();
  proxy = await createDatabaseProxy(servers.primary.databaseUrl);
  pool = createPool(proxy.url, testConfig(), 'waiting', () => {});
  api = await startTestApi(servers.primary.databaseUrl, {
    DATABASE_STATEMENT_TIMEOUT_SECONDS: '3',
    GATEWAY_CALLBACK_SECRET: SECRET,
  });
  userId = await api.user();
  await pool.query('create table notes (text text primary key)');
});
afterEach(() => {
  proxy.reset();
  letStandbyGoOn?.();
  letStandbyGoOn = undefined;
});
afterAll(async () => {
  await api.stop();
  await pool.end();
  await proxy.cut();
  await servers.stop();
});

const write = (text: string, readBackMs = 500) =>
  inTransaction(
    pool,
    async (transaction) => {
      await transaction.query('insert into notes values ($1)', [text]);
      return text;
    },
    { readBackMs, isWritten: (queryable) => isThere(queryable, text) },
  );

async function isThere(queryable: Pick<Pool, 'query'>, text: string): Promise<boolean> {
  return (await queryable.query('select from notes where text = $1', [text])).rowCount === 1;
}

/** Ends the wait of whoever waits for the standby, as an impatient operator or a limit would; gives how many did. */
async function endWaits(by: 'cancel' | 'terminate' = 'cancel'): Promise<number> {
  const rows = await ask(
    servers.primary,
    `select pg_${by}_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`,
  );
  return rows.length;
}
const endNextWait = (by?: 'cancel' | 'terminate') =>
  waitUntil('a commit that waits for the standby', async () => (await endWaits(by)) > 0);

async function isOnStandby(text: string): Promise<boolean> {
  return (await ask(servers.standby, 'select from notes where text = $1', [text])).length === 1;
}

test('a COMMIT whose wait for the standby was ended is not known to be written', async () => {
  letStandbyGoOn = await servers.holdStandby();
  const written = write('cancelled');
  written.catch(() => {});
  await endNextWait();
  await expect(written).rejects.toBeInstanceOf(CommitOutcomeUnknown);
  // It can be read, and would be gone if the standby took over now.
  expect(await isThere(pool, 'cancelled')).toBe(true);
  expect(await isOnStandby('cancelled')).toBe(false);
});

test('neither is one on a server that hides its warnings', async () => {
  await ask(servers.primary, `alter database tollgate set client_min_messages = 'error'`);
  const quiet = createPool(servers.primary.databaseUrl, testConfig(), 'quiet', () => {});
  letStandbyGoOn = await servers.holdStandby();
  const written = quiet.query(`insert into notes values ('quiet')`);
  written.catch(() => {});
  await endNextWait();
  await expect(written).rejects.toBeInstanceOf(CommitNotReplicated);
  letStandbyGoOn();
  await ask(servers.primary, 'alter database tollgate reset client_min_messages');
  await quiet.end();
});

test('it counts as written when a later commit is acknowledged in time', async () => {
  letStandbyGoOn = await servers.holdStandby();
  const written = write('late', 45_000);
  await endNextWait();
  letStandbyGoOn();
  expect(await written).toBe('late');
  await servers.catchUp();
  expect(await isOnStandby('late')).toBe(true);
});

test('a COMMIT whose session ended in the meantime is not believed only because its row can be read', async () => {
  letStandbyGoOn = await servers.holdStandby();
  const written = write('terminated', 1500);
  written.catch(() => {});
  await endNextWait('terminate');
  await expect(written).rejects.toBeInstanceOf(CommitOutcomeUnknown);
  expect(await isThere(pool, 'terminated')).toBe(true);
});

test('a lost COMMIT that the standby has is found to have happened', async () => {
  proxy.once(isCommit, 'cut-after-answer');
  expect(await write('answer lost', 20_000)).toBe('answer lost');
});

test('the statement timeout does not end the wait of a COMMIT', async () => {
  const impatient = createPool(
    servers.primary.databaseUrl,
    testConfig({ DATABASE_STATEMENT_TIMEOUT_SECONDS: '1' }),
    'impatient',
    () => {},
  );
  letStandbyGoOn = await servers.holdStandby();
  const written = inTransaction(impatient, (transaction) =>
    transaction.query(`insert into notes values ('patient')`),
  );
  await waitUntil('a wait of longer than that limit', async () => {
    const [row] = await ask(
      servers.primary,
      `select from pg_stat_activity where wait_event = 'SyncRep' and query_start < now() - interval '2 s'`,
    );
    return row !== undefined;
  });
  letStandbyGoOn();
  await written;
  await impatient.end();
});

test('a statement that commits by itself is not believed either', async () => {
  letStandbyGoOn = await servers.holdStandby();
  const written = pool.query(`insert into notes values ('by itself')`);
  written.catch(() => {});
  await endNextWait();
  await expect(written).rejects.toBeInstanceOf(CommitNotReplicated);
});

test('a warning inside a transaction, or of an earlier statement, is not mistaken for one about a COMMIT', async () => {
  await inTransaction(pool, async (transaction) => {
    await transaction.query(`do $$ begin raise warning 'of something else'; end $$`);
  });
  const [first, second] = await Promise.allSettled([
    pool.query(`insert into notes values ('first')`),
    pool.query(`insert into notes values ('second')`),
  ]);
  expect([first.status, second.status]).toEqual(['fulfilled', 'fulfilled']);
});

describe('whoever asked is told that the outcome is not known', () => {
  test('of a payment; its key settles it once the standby is back', async () => {
    letStandbyGoOn = await servers.holdStandby();
    const send = () =>
      api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 3 }, { 'Idempotency-Key': 'sync' });
    expect(await answerWithoutStandby(send())).toMatchObject(UNKNOWN);
    // The stored answer can be read by now, and is no more certain than before.
    expect(await answerWithoutStandby(send())).toMatchObject(UNKNOWN);

    letStandbyGoOn();
    await waitUntil('an accepted payment', async () => (await send()).status === 202);
    expect(await ask(servers.primary, `select from idempotency_keys where key = 'sync'`)).toHaveLength(1);
    expect(await ask(servers.primary, 'select from payments where amount = 300')).toHaveLength(1);
  });

  test("of a user's creation, even if the key is sent again", async () => {
    const send = () => api.post('/api/v1/users', { balance: 1 }, { 'Idempotency-Key': 'sync-user' });
    letStandbyGoOn = await servers.holdStandby();
    expect(await answerWithoutStandby(send())).toMatchObject(UNKNOWN);
    expect(await answerWithoutStandby(send())).toMatchObject(UNKNOWN);
    letStandbyGoOn();
    await waitUntil('a user who is created', async () => (await send()).status === 201);
  });

  test('of pausing claims', async () => {
    letStandbyGoOn = await servers.holdStandby();
    const answer = api.post('/api/v1/workers/pause', { by: 'ana', reason: 'tests' });
    expect(await answerWithoutStandby(answer)).toMatchObject(UNKNOWN);
  });

  test('of a callback, which the gateway sends again', async () => {
    const body = JSON.stringify({
      event_id: 'evt_1',
      reference: '1-none',
      status: 'succeeded',
      amount: 200,
      currency: 'USD',
      gateway_reference: 'gw-1',
    });
    const send = () => api.post('/api/v1/gateway/callbacks', body, signatureOf(body, { secret: SECRET }));
    letStandbyGoOn = await servers.holdStandby();
    expect(await answerWithoutStandby(send())).toMatchObject(UNKNOWN);
    letStandbyGoOn();
    const again = await waitUntil('a callback that is taken', async () => {
      const answer = await send();
      return answer.status === 202 && answer;
    });
    expect(again.json).toMatchObject({ result: 'duplicate' });
  });

  const UNKNOWN = { status: 503, json: { code: expect.stringMatching(/^(accept|write)-outcome-unknown$/) } };

  async function answerWithoutStandby(answer: Promise<ApiAnswer>): Promise<ApiAnswer> {
    let isAnswered = false;
    void answer.finally(() => {
      isAnswered = true;
    });
    const look = async () => {
      await endWaits();
      return isAnswered;
    };
    await waitUntil('an answer', look);
    return await answer;
  }
});
