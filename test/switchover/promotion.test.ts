import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.ts';
import { ask, type ReplicatedPostgres, startReplicatedPostgres } from '../support/replicated-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * The tests tell one story on one pair of servers: the address of the database leads astray, comes back, and moves for good.
 */
let servers: ReplicatedPostgres;
let proxy: DatabaseProxy;
let api: TestApi;
let userId: number;
const acceptedKeys: string[] = [];
let refusedKey: string;

beforeAll(async () => {
  servers = await startReplicatedPostgres();
  await servers.requireStandby();
  proxy = await createDatabaseProxy(servers.primary.databaseUrl);
  api = await startTestApi(proxy.url, { DATABASE_CONNECT_TIMEOUT_SECONDS: '1' });
  userId = await api.user();
}, 60_000);
afterAll(async () => {
  await api.stop();
  await proxy.cut();
  await servers.stop();
});

async function deposit(key: string): Promise<number> {
  const body = { user_id: userId, deposit: 1 };
  const { status } = await api.post('/api/v1/payments/deposit', body, { 'Idempotency-Key': key });
  if (status === 202 && !acceptedKeys.includes(key)) acceptedKeys.push(key);
  return status;
}

/** Deposits in groups, so that several sessions of the pool are used. */
async function depositMany(name: string, count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 10) {
    const group = Array.from({ length: 10 }, (_, offset) => deposit(`${name}-${index + offset}`));
    statuses.push(...(await Promise.all(group)));
  }
  return statuses;
}

/** The payments that events tell were accepted, up to now; `cursor` goes on from where it was. */
const told: number[] = [];
let cursor: string | null = null;
async function readOn(): Promise<void> {
  for (;;) {
    const { status, json } = await api.get(
      `/api/v1/events?limit=200${cursor === null ? '' : `&after=${cursor}`}`,
    );
    expect(status).toBe(200);
    for (const { type, data } of json.items)
      if (type === 'tollgate.payment.accepted.v1') told.push(data.payment_id);
    cursor = json.next_cursor;
    if (!json.has_more) return;
  }
}

const isReady = async () => (await api.get('/api/v1/health/ready')).status === 200;

test('an address that leads to a standby for a while is answered as unavailable, and works again at once afterwards', async () => {
  expect(new Set(await depositMany('before', 20))).toEqual(new Set([202]));
  await waitUntil('all events', async () => {
    await readOn();
    return told.length === 20;
  });
  proxy.leadTo(servers.standby.databaseUrl);
  proxy.endSessions();
  await waitUntil('requests at the standby', async () => (await deposit('astray')) === 503);
  expect(new Set(await depositMany('astray', 20))).toEqual(new Set([503]));
  // What a standby has may not be all, or not in order.
  expect((await api.get('/api/v1/events')).status).toBe(503);
  const health = await waitUntil('a health that says so', async () => {
    const answer = await api.get('/api/v1/health/ready');
    return answer.json.database === 'read_only' && answer;
  });
  expect(health).toMatchObject({
    status: 503,
    json: { status: 'degraded', reason: expect.stringContaining('read-only') },
  });

  // The sessions with the standby live on: nobody ends them but whoever was told that they cannot write.
  proxy.leadTo(servers.primary.databaseUrl);
  await waitUntil('a ready API', isReady);
  expect(new Set(await depositMany('astray', 60))).toEqual(new Set([202]));
});

test('reads come from the server that writes, not from one that the address left', async () => {
  expect((await api.get(`/api/v1/users/${userId}`)).status).toBe(200);
  const left = await ask(
    servers.standby,
    `select application_name from pg_stat_activity where application_name in ('tollgate-api', 'tollgate-api-read')`,
  );
  expect(left).toEqual([]);
});

test('a server that becomes read-only under its sessions is not written to, whatever a transaction asks for', async () => {
  await ask(servers.primary, `alter system set default_transaction_read_only = 'on'`);
  await ask(servers.primary, 'select pg_reload_conf()');
  // A session may read the new setting after a first deposit; the key of an accepted one would be answered from what is stored ever after.
  let attempts = 0;
  refusedKey = await waitUntil('a refusal', async () => {
    attempts += 1;
    const key = `fenced-${attempts}`;
    return (await deposit(key)) === 503 && key;
  });
  await waitUntil('an API that says it is not ready', async () => !(await isReady()));
});

test('after a promotion requests go to the new primary, and nothing is lost or doubled', async () => {
  await servers.catchUp();
  await servers.promote();
  // The old primary lives on, read-only, with the sessions that the pools have.
  proxy.leadTo(servers.standby.databaseUrl);
  await waitUntil('a ready API', isReady);
  expect(new Set(await depositMany('after', 60))).toEqual(new Set([202]));
  expect(await deposit(refusedKey)).toBe(202);

  const written = await ask(
    servers.standby,
    `select used.key, count(payment.id)::int as count
     from idempotency_keys as used
     left join payments as payment on payment.id = used.resource_id
     where used.key like any ('{before-%,astray-%,fenced-%,after-%}')
     group by used.key`,
  );
  expect(written.map(({ key }) => key).sort()).toEqual([...acceptedKeys].sort());
  expect(new Set(written.map(({ count }) => count))).toEqual(new Set([1]));
  expect(await ask(servers.standby, 'select count(*)::int as count from payments')).toEqual([
    { count: acceptedKeys.length },
  ]);
});

test('readers of events go on at the new primary from where they were, and are told every payment once', async () => {
  await waitUntil('all events', async () => {
    await readOn();
    return told.length >= acceptedKeys.length;
  });
  expect(new Set(told).size).toBe(acceptedKeys.length);
  expect(told).toHaveLength(acceptedKeys.length);
});
