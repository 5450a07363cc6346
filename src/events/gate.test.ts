import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createPool, type Pool, type Transaction } from '../database/database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { BEGINNING } from './feed-place.ts';
import { createEventGate, type EventGate, type Opening } from './gate.sql.ts';
import { type NewEvent, newEvent } from './new-event.ts';
import { unpackData } from './packed-data.ts';
import { readEvents } from './read-events.sql.ts';
import { writeEvents } from './write-events.sql.ts';

let database: TestDatabase;
/** As the role that runs. */
let pool: Pool;
beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool(
    database.databaseUrl,
    testConfig({ DATABASE_URL: database.databaseUrl }),
    'test',
    () => {},
  );
  await database.pool.query(`
    create table keys (id bigint primary key, last_number integer not null default 0);
    insert into keys select generate_series(1, 12);
    grant select, update on keys to tollgate_app`);
});
afterEach(async () => {
  await pool.end();
  await database.close();
});

/** An event whose subject is a key; its number is how often something has happened to that key. */
const event = (key: number, number: number): NewEvent =>
  newEvent(
    'tollgate.wallet.frozen.v1',
    { id: BigInt(key) },
    { wallet_id: key, user_id: number, state: 'frozen', state_before: 'open' },
  );

interface Seen {
  readonly key: number;
  readonly number: number;
}

/** Reads on from where it was, as far as its gate lets it. */
function createReader(gate: EventGate = createEventGate(pool)) {
  const seen: Seen[] = [];
  let after = BEGINNING;
  return {
    seen,
    async readOn(limit = 50): Promise<Opening> {
      const opening = await gate.look();
      const page = await readEvents(pool, { after, opening, limit });
      after = page.lookedTo;
      for (const { type, data } of page.events) {
        const { wallet_id: key, user_id: number } = JSON.parse(unpackData(type, data));
        seen.push({ key, number });
      }
      return opening;
    },
    async readAll(count: number): Promise<Seen[]> {
      await waitUntil(`${count} events`, async () => {
        await this.readOn();
        return seen.length >= count;
      });
      return seen;
    },
  };
}

/** A transaction step by step, which has its id from the beginning, as all of ours. */
async function begin() {
  const client = await pool.connect();
  await client.query('begin');
  const { rows } = await client.query('select pg_current_xact_id()::text::bigint as id');
  return {
    xid: rows[0].id as bigint,
    client: client as Transaction,
    /** Waits for whoever has the key. */
    lock: (key: number) => client.query('select 1 from keys where id = $1 for update', [key]),
    write: (key: number, number: number) => writeEvents(client, [event(key, number)]),
    async end(how: 'commit' | 'rollback' = 'commit') {
      await client.query(how);
      client.release();
    },
  };
}

const isWaitingForLock = (xid: bigint) =>
  waitUntil('a session that waits for a lock', async () => {
    const { rows } = await database.pool.query(
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and backend_xid = $1::text::xid8::xid",
      [xid.toString()],
    );
    return rows.length > 0;
  });

test('a transaction that began first and got its lock last comes last', async () => {
  const reader = createReader();
  const first = await begin();
  const second = await begin();
  // What would be wrong: to go by the order in which they began.
  expect(first.xid < second.xid).toBe(true);
  await second.lock(1);
  await second.write(1, 1);
  const waiting = first.lock(1);
  await isWaitingForLock(first.xid);
  await second.end();
  await reader.readOn();
  await waiting;
  await reader.readOn();
  await first.write(1, 2);
  await reader.readOn();
  await reader.readOn();
  // The first one could still write something to another key, and its ids may be smaller.
  expect(reader.seen).toEqual([]);
  await first.end();
  expect(await reader.readAll(2)).toEqual([
    { key: 1, number: 1 },
    { key: 1, number: 2 },
  ]);
});

test('the same while a third one, which began between them, stays open', async () => {
  const reader = createReader();
  const first = await begin();
  const between = await begin();
  const second = await begin();
  expect(first.xid < between.xid && between.xid < second.xid).toBe(true);
  await second.lock(1);
  await second.write(1, 1);
  const waiting = first.lock(1);
  await isWaitingForLock(first.xid);
  await second.end();
  await waiting;
  await first.write(1, 2);
  await first.end();
  // Everything up to `between` has ended. Whoever showed what these wrote would show 2 and not 1.
  for (let looks = 0; looks < 5; looks += 1) await reader.readOn();
  expect(reader.seen).toEqual([]);
  await between.end();
  expect(await reader.readAll(2)).toEqual([
    { key: 1, number: 1 },
    { key: 1, number: 2 },
  ]);
});

test('a larger id that is committed first is not shown before a smaller one that is still open', async () => {
  const reader = createReader();
  const slow = await begin();
  await slow.write(1, 1);
  const fast = await begin();
  await fast.write(2, 1);
  await fast.end();
  for (let looks = 0; looks < 5; looks += 1) await reader.readOn();
  expect(reader.seen).toEqual([]);
  await slow.end();
  expect(await reader.readAll(2)).toEqual([
    { key: 1, number: 1 },
    { key: 2, number: 1 },
  ]);
});

test('ids of a transaction that was rolled back hold up nobody', async () => {
  const reader = createReader();
  const lost = await begin();
  await lost.write(1, 1);
  const kept = await begin();
  await kept.write(2, 1);
  await kept.end();
  await lost.end('rollback');
  expect(await reader.readAll(1)).toEqual([{ key: 2, number: 1 }]);
});

test('an event that is written outside of a transaction has a transaction id before it has an id', async () => {
  const reader = createReader();
  await reader.readOn();
  // A sequence gives its transaction an id only now and then, so most of these would have none yet.
  for (let number = 1; number <= 40; number += 1)
    await writeEvents(pool as unknown as Transaction, [event(1, number)]);
  expect((await reader.readAll(40)).map(({ number }) => number)).toEqual(
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
  const { rows } = await database.pool.query(
    `select column_default from information_schema.columns where table_name = 'events' and column_name = 'id'`,
  );
  expect(rows[0].column_default).toMatch(/pg_current_xact_id\(\) IS NOT NULL/);
});

test('a gate that has nothing to wait for uses up no transaction ids', async () => {
  await inTransaction(pool, (transaction) => writeEvents(transaction, [event(1, 1)]));
  const drawn: unknown[] = [];
  const gate = createEventGate({
    query: (async (statement: string) => {
      const result = await pool.query(statement);
      drawn.push(result.rows[0].drawnXid);
      return result;
    }) as never,
  });
  await waitUntil('an open gate', async () => (await gate.look()).upTo === 1n);
  expect(drawn).toContainEqual(expect.any(BigInt));
  drawn.length = 0;
  for (let looks = 0; looks < 5; looks += 1) await gate.look();
  expect(drawn).toEqual([null, null, null, null, null]);
});

test('before the first event nothing may be read, and the first one is not passed over', async () => {
  const reader = createReader();
  const opening = await reader.readOn();
  expect(opening.upTo).toBe(0n);
  const first = await begin();
  await first.write(1, 1);
  for (let looks = 0; looks < 3; looks += 1) expect((await reader.readOn()).upTo).toBe(0n);
  await first.end();
  expect(await reader.readAll(1)).toEqual([{ key: 1, number: 1 }]);
});

describe('what was learned of one run of a server says nothing of another', () => {
  /** A server as a script tells it. */
  function scripted(answers: readonly object[]) {
    const left = [...answers];
    return createEventGate({ query: (async () => ({ rows: [left.shift()] })) as never });
  }
  const run = (serverRun: string, lastId: bigint, oldestOpenXid: bigint, drawnXid: bigint | null) => ({
    serverRun,
    lastId,
    oldestOpenXid,
    drawnXid,
  });

  test('after a crash, ids that had been decided may be handed out again, so it begins anew', async () => {
    const gate = scripted([
      run('a', 50n, 90n, 100n),
      run('a', 50n, 101n, null),
      run('b', 60n, 95n, 101n),
      run('b', 60n, 101n, null),
    ]);
    const seen = [];
    for (let looks = 0; looks < 4; looks += 1) seen.push((await gate.look()).upTo);
    expect(seen).toEqual([0n, 50n, 0n, 60n]);
  });

  test('and so it does when the sequence went back although nothing else tells', async () => {
    const gate = scripted([
      run('', 50n, 90n, 100n),
      run('', 50n, 101n, null),
      run('', 40n, 101n, 102n),
      run('', 40n, 103n, null),
    ]);
    const seen = [];
    for (let looks = 0; looks < 4; looks += 1) seen.push((await gate.look()).upTo);
    expect(seen).toEqual([0n, 50n, 0n, 40n]);
  });

  test('and after a look that failed', async () => {
    let looks = 0;
    const gate = createEventGate({
      query: (async () => {
        looks += 1;
        if (looks === 3) throw new Error('connection lost');
        return { rows: [run('a', 50n, 101n, looks === 1 || looks === 4 ? 100n : null)] };
      }) as never,
    });
    await gate.look();
    expect((await gate.look()).upTo).toBe(50n);
    await expect(gate.look()).rejects.toThrow('connection lost');
    expect((await gate.look()).upTo).toBe(0n);
    expect((await gate.look()).upTo).toBe(50n);
  });

  test('a page that another run answered is empty', async () => {
    await inTransaction(pool, (transaction) => writeEvents(transaction, [event(1, 1)]));
    const gate = createEventGate(pool);
    const opening = await waitUntil('an open gate', async () => {
      const now = await gate.look();
      return now.upTo === 1n && now;
    });
    expect((await readEvents(pool, { after: BEGINNING, opening, limit: 10 })).events).toHaveLength(1);
    const before = { ...opening, serverRun: 'the run before' };
    expect(await readEvents(pool, { after: BEGINNING, opening: before, limit: 10 })).toMatchObject({
      events: [],
      lookedTo: BEGINNING,
      hasMore: true,
    });
  });
});

test('eight writers at once, and a reader who is told everything once, in order for each key', async () => {
  const WRITERS = 8;
  const ROUNDS = 60;
  const reader = createReader();
  let isWriting = true;

  async function writeOnce(random: () => number): Promise<void> {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('select pg_current_xact_id()');
      if (random() < 0.2) await client.query('select pg_sleep(0.005)');
      const wanted = [...new Set([1, 2, 3].map(() => 1 + Math.floor(random() * 12)))].sort((a, b) => a - b);
      const { rows } = await client.query(
        `with locked as materialized (select id from keys where id = any ($1::bigint[]) order by id for update)
         update keys set last_number = last_number + 1 from locked where keys.id = locked.id
         returning keys.id, keys.last_number as number`,
        [wanted],
      );
      if (random() < 0.2) await client.query('select pg_sleep(0.003)');
      await writeEvents(
        client,
        rows.map(({ id, number }) => event(Number(id), number)),
      );
      await client.query(random() < 0.1 ? 'rollback' : 'commit');
    } finally {
      client.release();
    }
  }

  const reading = (async () => {
    while (isWriting) await reader.readOn(7);
  })();
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      let state = writer + 1;
      const random = () => {
        state = (state * 48_271) % 2_147_483_647;
        return state / 2_147_483_647;
      };
      for (let round = 0; round < ROUNDS; round += 1) await writeOnce(random);
    }),
  );
  isWriting = false;
  await reading;
  const { rows } = await database.pool.query(
    'select id::int as key, last_number as count from keys order by id',
  );
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  expect(total).toBeGreaterThan(500);
  await reader.readAll(total);
  for (const { key, count } of rows)
    expect(reader.seen.filter((one) => one.key === key).map(({ number }) => number)).toEqual(
      Array.from({ length: count }, (_, index) => index + 1),
    );
  expect(reader.seen).toHaveLength(total);
});
