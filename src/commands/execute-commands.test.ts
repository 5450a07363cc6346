import { holdRows } from '../../test/support/hold-rows.ts';
import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createPool, type Pool } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { toUsedKey, usedKeyColumns, usedKeyOf } from '../idempotency/used-keys.sql.ts';
import { findSystemAccounts } from '../ledger/system-accounts.ts';
import type { CommandKind } from './command-kind.ts';
import { CommandUnavailable } from './command-outcome.ts';
import { createExecutor, type ExecutorOptions } from './create-executor.ts';

/** Toys are taken from shelves, and paid for from wallets: about the least that is still a command. */
interface Order {
  readonly userId: bigint;
  readonly shelf: string;
  readonly price: bigint;
  readonly key?: string;
  readonly fingerprint?: string;
}
interface Toy {
  readonly orderId: bigint;
  readonly order: Order;
  readonly walletId: bigint;
}
type Bought =
  | { readonly kind: 'bought'; readonly orderId: bigint }
  | { readonly kind: 'sold_out' | 'too_poor' };

const fingerprintOf = ({ shelf, price, fingerprint = `${shelf} ${price}` }: Order) =>
  Buffer.from(fingerprint);

const buying: CommandKind<Order, { orderId: bigint; left: bigint }, Toy, Bought> = {
  failpoints: { beforeCommit: 'accept.before_commit', afterCommit: 'accept.after_commit' },
  keyOf: (order) =>
    order.key === undefined
      ? null
      : { scope: order.userId, key: order.key, fingerprint: fingerprintOf(order) },
  fundsOf: ({ userId }) => ({ userId, currency: 'USD' }),
  prepare: async () => undefined,
  async read(transaction, orders) {
    const shelves = transaction.query(
      'select name from shelves where name = any ($1::text[]) order by name for no key update',
      [orders.map(({ shelf }) => shelf)],
    );
    const facts = transaction.query(
      `select fact.*, case when resource_id is null then nextval('toys_id_seq') end as order_id
       from (
         select ${usedKeyColumns('$4')}, shelves.toys as toys, accounts.id as wallet_id
         from unnest($1::bigint[], $2::text[], $3::text[]) with ordinality as request (user_id, shelf, key, position)
         join shelves on name = shelf
         join accounts on accounts.user_id = request.user_id
         left join lateral (${usedKeyOf('request.user_id', 'request.key')}) as used on true
         order by position
         offset 0
       ) as fact`,
      [
        orders.map(({ userId }) => userId),
        orders.map(({ shelf }) => shelf),
        orders.map(({ key }) => key ?? null),
        1_000_000,
      ],
    );
    const [, { rows }] = await sentTogether([shelves, facts]);
    return rows.map((row) => ({
      usedKey: toUsedKey(row),
      walletId: row.wallet_id,
      facts: { orderId: row.order_id, left: row.toys },
    }));
  },
  decide(order, { walletId, facts: { orderId, left } }, { funds, tally }) {
    if (walletId === null || funds.availableMinor(walletId) < order.price) {
      const kept = {
        resource: { kind: 'payment', id: 0n },
        response: { status: 422, body: 'too poor' },
      } as const;
      return { result: { kind: 'too_poor' }, kept };
    }
    if (tally.taken(order.shelf) >= left) return { result: { kind: 'sold_out' } };
    tally.take(order.shelf, 1n);
    funds.take(walletId, order.price);
    return {
      result: { kind: 'bought', orderId },
      row: { orderId, order, walletId },
      kept: {
        resource: { kind: 'payment', id: orderId },
        response: { status: 202, body: `toy ${orderId}` },
      },
    };
  },
  async write(transaction, toys) {
    await sentTogether([
      transaction.query(
        'insert into toys (id, user_id, price) select * from unnest($1::bigint[], $2::bigint[], $3::bigint[])',
        [
          toys.map(({ orderId }) => orderId),
          toys.map(({ order }) => order.userId),
          toys.map(({ order }) => order.price),
        ],
      ),
      transaction.query(
        `update shelves set toys = toys - taken.count
         from (select name, count(*) from unnest($1::text[]) as t (name) group by name) as taken
         where shelves.name = taken.name`,
        [toys.map(({ order }) => order.shelf)],
      ),
      transaction.query(
        `update accounts set posted = posted - taken.price
         from (select id, sum(price) as price from unnest($1::bigint[], $2::bigint[]) as t (id, price) group by id) as taken
         where accounts.id = taken.id`,
        [toys.map(({ walletId }) => walletId), toys.map(({ order }) => order.price)],
      ),
    ]);
  },
  async isWritten(queryable, { orderId }) {
    return (await queryable.query('select from toys where id = $1', [orderId])).rowCount === 1;
  },
};

let database: TestDatabase;
const pools: Pool[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await findSystemAccounts(database.pool, 'USD');
  await database.pool.query(`
    create table toys (id bigint generated by default as identity primary key, user_id bigint not null,
                       price bigint not null check (price <> 13));
    create table shelves (name text primary key, toys bigint not null check (toys >= 0));
    insert into shelves values ('bears', 1000000), ('trains', 3), ('kites', 1000000), ('dolls', 1000000)`);
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.close();
});

function startExecutor(options: Partial<ExecutorOptions> = {}, settings: Record<string, string> = {}) {
  const pool = createPool(
    database.ownerUrl,
    testConfig({ DATABASE_URL: database.ownerUrl, DATABASE_CONNECT_TIMEOUT_SECONDS: '20', ...settings }),
    'test',
    () => {},
  );
  pools.push(pool);
  const batchSizes: number[] = [];
  const executor = createExecutor(buying, {
    pool,
    maxBatchSize: 100,
    maxWaiting: 1000,
    lockPatienceMs: 1500,
    onBatch: ({ requestCount }) => batchSizes.push(requestCount),
    ...options,
  });
  return { executor, batchSizes };
}

async function newUser(balance = 1000): Promise<bigint> {
  const { rows } = await database.pool.query(
    `with owner as (insert into users default values returning id)
     insert into accounts (user_id, kind, currency, scale, posted, floor)
     select id, 'wallet', 'USD', 2, $1, 0 from owner
     returning user_id as id`,
    [balance],
  );
  return rows[0].id;
}

async function toyCount(userId: bigint): Promise<number> {
  const { rows } = await database.pool.query('select count(*)::int as count from toys where user_id = $1', [
    userId,
  ]);
  return rows[0].count;
}

const order = (userId: bigint, changes: Partial<Order> = {}): Order => ({
  userId,
  shelf: 'bears',
  price: 10n,
  ...changes,
});
const bought = { kind: 'decided', result: { kind: 'bought' } };

test('commands that arrive together are written together, and each sees what those before it took', async () => {
  const { executor, batchSizes } = startExecutor();
  const poor = await newUser(25);
  const rich = await newUser();
  const orders = [
    ...Array.from({ length: 4 }, () => order(poor)),
    ...Array.from({ length: 4 }, () => order(rich, { shelf: 'trains' })),
  ];
  const outcomes = await Promise.all(orders.map((each) => executor.execute(each)));
  expect(outcomes.map((outcome) => outcome.kind === 'decided' && outcome.result.kind)).toEqual([
    'bought',
    'bought',
    'too_poor',
    'too_poor',
    'bought',
    'bought',
    'bought',
    'sold_out',
  ]);
  expect(batchSizes).toEqual([8]);
  expect([await toyCount(poor), await toyCount(rich)]).toEqual([2, 3]);
});

test('what is held of a wallet is not there for a command', async () => {
  const { executor } = startExecutor();
  const userId = await newUser(25);
  const hold = (amount: number) =>
    database.pool.query('update accounts set held = $2 where user_id = $1', [userId, amount]);
  await hold(16);
  expect(await executor.execute(order(userId))).toEqual({ kind: 'decided', result: { kind: 'too_poor' } });
  await hold(15);
  expect(await executor.execute(order(userId))).toMatchObject(bought);
});

test('a key is executed once, in one batch, later, and at two executors at once', async () => {
  const [first, second] = [startExecutor().executor, startExecutor().executor];
  const userId = await newUser();
  const keyed = (key: string) => order(userId, { key });
  const together = await Promise.all([first.execute(keyed('a')), first.execute(keyed('a'))]);
  expect(together).toMatchObject([bought, { kind: 'replayed', response: { status: 202 } }]);
  expect(await second.execute(keyed('a'))).toEqual(together[1]);
  expect(await first.execute(order(userId, { key: 'a', price: 11n }))).toMatchObject({ kind: 'key_reused' });

  for (let round = 0; round < 10; round += 1) {
    const raced = await Promise.all(
      [first, second, first, second].map((executor) => executor.execute(keyed(`race ${round}`))),
    );
    expect(raced.map(({ kind }) => kind).toSorted()).toEqual(['decided', 'replayed', 'replayed', 'replayed']);
  }
  expect(await toyCount(userId)).toBe(11);
});

test('a stored refusal stays the answer of its key, even if the command would succeed now', async () => {
  const { executor } = startExecutor();
  const userId = await newUser(5);
  expect(await executor.execute(order(userId, { key: 'k' }))).toMatchObject({ result: { kind: 'too_poor' } });
  await database.pool.query('update accounts set posted = 1000 where user_id = $1', [userId]);
  expect(await executor.execute(order(userId, { key: 'k' }))).toMatchObject({
    kind: 'replayed',
    response: { status: 422, body: 'too poor' },
  });
  expect(await toyCount(userId)).toBe(0);
});

test('a key whose answer has expired is never executed again', async () => {
  const { executor } = startExecutor();
  const userId = await newUser();
  await executor.execute(order(userId, { key: 'old' }));
  await database.pool.query(
    `update idempotency_keys set created_at = now() - interval '1 hour' where scope = $1`,
    [userId],
  );
  expect(await executor.execute(order(userId, { key: 'old' }))).toMatchObject({
    kind: 'key_expired',
    resource: { kind: 'payment' },
  });
  expect(await toyCount(userId)).toBe(1);
});

test('a command that the database refuses does not affect its neighbours', async () => {
  const { executor } = startExecutor();
  const userId = await newUser();
  const prices = [10n, 10n, 13n, 10n, 10n, 10n, 13n];
  const ended = await Promise.allSettled(prices.map((price) => executor.execute(order(userId, { price }))));
  expect(ended.map(({ status }) => status === 'fulfilled')).toEqual(prices.map((price) => price !== 13n));
  expect(await toyCount(userId)).toBe(5);
});

test('a locked wallet delays only its own commands', async () => {
  const { executor } = startExecutor();
  const unlucky = await newUser();
  const others = await Promise.all(Array.from({ length: 20 }, () => newUser()));
  const holder = await holdRows(database.ownerUrl, 'select from accounts where user_id = $1 for update', [
    unlucky,
  ]);
  const refused = executor.execute(order(unlucky));
  refused.catch(() => {});
  for (const outcome of await Promise.all(others.map((userId) => executor.execute(order(userId)))))
    expect(outcome).toMatchObject(bought);
  await expect(refused).rejects.toMatchObject({ name: 'CommandUnavailable', reason: 'wallet' });
  await holder.letGo();
  expect(await executor.execute(order(unlucky))).toMatchObject(bought);
  expect(await toyCount(unlucky)).toBe(1);
});

test('a locked wallet refuses none of its neighbours, however little patience clients have', async () => {
  const { executor } = startExecutor({ lockPatienceMs: 450 });
  const [unlucky, ...others] = await Promise.all(Array.from({ length: 4 }, () => newUser()));
  const holder = await holdRows(database.ownerUrl, 'select from accounts where user_id = $1 for update', [
    unlucky,
  ]);
  // In one turn of the event loop, so in one batch.
  const [refused, ...neighbours] = await Promise.allSettled(
    [unlucky as bigint, ...others].map((userId) => executor.execute(order(userId))),
  );
  await holder.letGo();
  expect(refused).toMatchObject({ status: 'rejected', reason: { reason: 'wallet' } });
  expect(neighbours).toMatchObject(others.map(() => ({ status: 'fulfilled', value: bought })));
});

test('a command waits for its own row while that is locked, and delays nobody else', async () => {
  const { executor } = startExecutor({ lockPatienceMs: 10_000 });
  const userId = await newUser();
  const holder = await holdRows(database.ownerUrl, `select from shelves where name = 'kites' for update`);
  let isBought = false;
  const waiting = executor.execute(order(userId, { shelf: 'kites' })).then((outcome) => {
    isBought = true;
    return outcome;
  });
  const others = await Promise.all(Array.from({ length: 9 }, () => executor.execute(order(userId))));
  expect(others.every(({ kind }) => kind === 'decided')).toBe(true);
  expect(isBought).toBe(false);
  await holder.letGo();
  expect(await waiting).toMatchObject(bought);
});

test('a batch that exceeds the statement timeout is written in smaller ones', async () => {
  await database.pool.query(`
    create function make_slowly() returns trigger language plpgsql as
    $$ begin perform pg_sleep(0.06); return new; end $$;
    create trigger slow before insert on toys for each row execute function make_slowly()`);
  const { executor } = startExecutor({ lockPatienceMs: 30_000 }, { DATABASE_STATEMENT_TIMEOUT_SECONDS: '1' });
  const userId = await newUser();
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => executor.execute(order(userId))));
  await database.pool.query('drop trigger slow on toys');
  expect(outcomes.every(({ kind }) => kind === 'decided')).toBe(true);
  expect(await toyCount(userId)).toBe(40);
});

test("a command beyond the queue's limit is refused, and nothing is done", async () => {
  const { executor } = startExecutor({ maxBatchSize: 1, maxWaiting: 3 });
  const userId = await newUser();
  const ended = await Promise.allSettled(Array.from({ length: 30 }, () => executor.execute(order(userId))));
  const refused = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  expect(refused.length).toBeGreaterThan(0);
  for (const error of refused)
    expect(error).toMatchObject({ name: 'CommandUnavailable', reason: 'overload' });
  expect(await toyCount(userId)).toBe(ended.length - refused.length);
  expect(refused[0]).toBeInstanceOf(CommandUnavailable);
});

test('a session that ends before the COMMIT costs only another try', async () => {
  const { executor } = startExecutor({ lockPatienceMs: 30_000 });
  const userId = await newUser();
  const holder = await holdRows(database.ownerUrl, `select from shelves where name = 'dolls' for update`);
  const waiting = executor.execute(order(userId, { shelf: 'dolls' }));
  await waitUntil('a session that waits', async () => {
    const { rowCount } = await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where wait_event_type = 'Lock' and query like '%shelves%' and pid <> pg_backend_pid()
         and datname = current_database()`,
    );
    return rowCount === 1;
  });
  await holder.letGo();
  expect(await waiting).toMatchObject(bought);
  expect(await toyCount(userId)).toBe(1);
});
