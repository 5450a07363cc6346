import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { createPool, type Pool, type Transaction } from '../database/database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { prune } from '../retention/prune.ts';
import { selectTableSizes } from '../retention/table-sizes.sql.ts';
import { dropEventDay, keepEventDays } from './event-days.sql.ts';
import { newEvent } from './new-event.ts';
import { writeEvents } from './write-events.sql.ts';

const DAY_MS = 86_400_000;
const FOREVER = {
  attempts: 0,
  inquiryAnswers: 0,
  callbacks: 0,
  reports: 0,
  differences: 0,
  bulkRedrives: 0,
  claimPauses: 0,
  violations: 0,
};

let database: TestDatabase;
/** As the role that runs, which may make no tables. */
let pool: Pool;
beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool(
    database.databaseUrl,
    testConfig({ DATABASE_URL: database.databaseUrl }),
    'test',
    () => {},
  );
});
afterEach(async () => {
  await pool.end();
  await database.close();
});

const event = (id: bigint) =>
  newEvent(
    'tollgate.wallet.created.v1',
    { id },
    { wallet_id: Number(id), user_id: 1, currency: 'USD', name: null, state: 'open' },
  );

const write = (id: bigint) => inTransaction(pool, (transaction) => writeEvents(transaction, [event(id)]));

/** An event of another day, as the owner. */
async function writeAt(id: number, time: string): Promise<void> {
  await database.pool.query(
    `insert into events (created_at, type, subject, data) values ($1, 'tollgate.wallet.created.v1', 'wallet:' || $2::text, '{}')`,
    [time, id],
  );
}

/** The tables of events that exist, each with the subjects in it. */
async function readDays(): Promise<Record<string, string[]>> {
  const { rows } = await database.pool.query(
    `select tableoid::regclass::text as day, array_agg(subject order by id) as subjects from events group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ day, subjects }) => [day, subjects]));
}

const tableOf = (at: Date) => `events_${at.toISOString().slice(0, 10).replaceAll('-', '')}`;

async function tables(): Promise<string[]> {
  const { rows } = await database.pool.query(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'events'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
}

const drop = (endedBy: Date, readThrough: bigint | null = null) =>
  inTransaction(pool, async (transaction) => {
    await transaction.query(`select set_config('tollgate.prunes', 'events', true)`);
    return await dropEventDay(transaction, { endedBy, readThrough });
  });

const droppedThrough = async () =>
  (await database.pool.query('select dropped_through as id from event_retention')).rows[0].id;

test('there is a table for today and for each of the next seven days, and making them again makes nothing', async () => {
  await keepEventDays(pool);
  const days = Array.from({ length: 8 }, (_, ahead) => tableOf(new Date(Date.now() + ahead * DAY_MS)));
  expect(await tables()).toEqual(expect.arrayContaining(days));
  expect(await keepEventDays(pool)).toBe(0);
  await write(1n);
  expect(await readDays()).toEqual({ [days[0] as string]: ['wallet:1'] });
});

test('an event of a day that nobody has made is kept, and moved to its day when that is made', async () => {
  await writeAt(1, '2020-02-28T23:59:59.999Z');
  await writeAt(2, '2020-02-29T00:00:00Z');
  await write(3n);
  expect(Object.keys(await readDays())).toContain('events_of_other_days');
  expect(await keepEventDays(pool)).toBeGreaterThanOrEqual(2);
  expect(await readDays()).toMatchObject({ events_20200228: ['wallet:1'], events_20200229: ['wallet:2'] });
  const { rows } = await database.pool.query('select count(*)::int as count from only events_of_other_days');
  expect(rows[0].count).toBe(0);
});

test('a table that a role has made for its session alone is not taken for ours', async () => {
  const client = await pool.connect();
  try {
    await client.query(`
      create temp table events_of_other_days (created_at timestamptz);
      insert into events_of_other_days values ('2020-01-01')`);
    expect(await keepEventDays(client)).toBe(0);
    const { rows } = await database.pool.query(
      `select oid::regprocedure::text as name from pg_proc
       where prosecdef and pronamespace = 'public'::regnamespace and array_to_string(proconfig, ';') !~ 'search_path=[^;]*, pg_temp(;|$)'`,
    );
    expect(rows).toEqual([]);
  } finally {
    await client.query('drop table pg_temp.events_of_other_days');
    client.release();
  }
});

test('two processes that make the days at once make each once', async () => {
  await writeAt(1, '2020-01-01T12:00:00Z');
  await writeAt(2, '2020-01-02T12:00:00Z');
  const made = await Promise.all([keepEventDays(pool), keepEventDays(pool), keepEventDays(pool)]);
  expect(made.filter((count) => count > 0)).toHaveLength(1);
});

test('payments go on while days are made: a writer with an open transaction keeps nobody from it', async () => {
  const client = await pool.connect();
  await client.query('begin');
  await writeEvents(client as Transaction, [event(1n)]);
  await database.pool.query(
    `insert into events (created_at, type, subject, data) values ('2020-01-01', 'tollgate.wallet.created.v1', 'wallet:2', '{}')`,
  );
  expect(await keepEventDays(pool)).toBeGreaterThanOrEqual(1);
  await writeEvents(client as Transaction, [event(3n)]);
  await client.query('commit');
  client.release();
  expect(
    Object.values(await readDays())
      .flat()
      .toSorted(),
  ).toEqual(['wallet:1', 'wallet:2', 'wallet:3']);
});

describe('a day is dropped', () => {
  beforeEach(async () => {
    await writeAt(1, '2020-01-01T12:00:00Z');
    await writeAt(2, '2020-01-02T12:00:00Z');
    await writeAt(3, '2020-01-02T13:00:00Z');
    await write(4n);
    await keepEventDays(pool);
  });

  test('once it is over, and no sooner; the oldest first', async () => {
    expect(await drop(new Date('2020-01-01T23:59:59.999Z'))).toBeUndefined();
    expect(await drop(new Date('2020-01-02T00:00:00Z'))).toBe(1);
    expect(await drop(new Date('2020-01-02T00:00:00Z'))).toBeUndefined();
    expect(await drop(new Date('2020-01-03T00:00:00Z'))).toBe(2);
    expect(Object.values(await readDays()).flat()).toEqual(['wallet:4']);
  });

  test('and what was in it can be told from what never was', async () => {
    expect(await droppedThrough()).toBe(0n);
    await drop(new Date('2020-01-03T00:00:00Z'));
    expect(await droppedThrough()).toBe(1n);
    await drop(new Date('2020-01-03T00:00:00Z'));
    expect(await droppedThrough()).toBe(3n);
  });

  test('never before those have read it who must have every event', async () => {
    const over = new Date('2020-01-03T00:00:00Z');
    expect(await drop(over, 0n)).toBeUndefined();
    expect(await drop(over, 1n)).toBe(1);
    expect(await drop(over, 2n)).toBeUndefined();
    expect(await drop(over, 3n)).toBe(2);
  });

  test('by its retention alone', async () => {
    await expect(
      inTransaction(pool, (transaction) =>
        dropEventDay(transaction, { endedBy: new Date(), readThrough: null }),
      ),
    ).rejects.toThrow('by their retention only');
    await expect(pool.query('drop table events_20200101')).rejects.toMatchObject({ code: '42501' });
    await expect(pool.query('delete from events')).rejects.toMatchObject({ code: '42501' });
    await expect(pool.query('update events set data = data')).rejects.toMatchObject({ code: '42501' });
    await expect(pool.query('delete from events_20200101')).rejects.toMatchObject({ code: '42501' });
    await expect(pool.query('truncate events_20200101')).rejects.toMatchObject({ code: '42501' });
    await expect(pool.query('update event_retention set dropped_through = 0')).rejects.toMatchObject({
      code: '42501',
    });
    await expect(database.pool.query('delete from events')).rejects.toThrow('is not allowed');
  });

  test('for which nobody who reads or writes is kept waiting long', async () => {
    const client = await pool.connect();
    await client.query('begin');
    await client.query('select count(*) from events');
    await expect(drop(new Date('2020-01-03T00:00:00Z'))).rejects.toMatchObject({ code: '55P03' });
    await write(5n);
    await client.query('commit');
    client.release();
    expect(await drop(new Date('2020-01-03T00:00:00Z'))).toBe(1);
  });

  test('when its retention is over, by the job that prunes; others stay', async () => {
    const pruned: [string, number][] = [];
    const run = (eventsMs: number) =>
      prune(pool, {
        retention: { ...FOREVER, events: eventsMs },
        runMs: 60_000,
        onPruned: (table, count) => pruned.push([table, count]),
        onError: (_, error) => {
          throw error;
        },
      });
    await run(0);
    await run(100 * 365 * DAY_MS);
    expect(pruned).toEqual([]);
    await run(30 * DAY_MS);
    expect(pruned).toEqual([
      ['events', 1],
      ['events', 2],
    ]);
    expect(Object.values(await readDays()).flat()).toEqual(['wallet:4']);
  });
});

test('the size of the events is that of all their days', async () => {
  await write(1n);
  const [size] = await selectTableSizes(pool, ['events']);
  expect(size?.table).toBe('events');
  expect(size?.bytes).toBeGreaterThan(0n);
});
