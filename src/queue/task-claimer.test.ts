import { holdRows } from '../../test/support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { createTaskClaimer } from './task-claimer.ts';

let database: TestDatabase;
let nextId = 1;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => database.pool.query('truncate payment_tasks, payment_attempts'));
afterAll(() => database.close());

/** Adds ready tasks of one user and gives their ids. */
async function addTasks(
  userId: number,
  count = 1,
  {
    age = '0 s',
    rescueCount = 0,
    gateway = null,
  }: { readonly age?: string; readonly rescueCount?: number; readonly gateway?: string | null } = {},
): Promise<bigint[]> {
  const first = nextId;
  nextId += count;
  const { rows } = await database.pool.query(
    `insert into payment_tasks (payment_id, user_id, run_at, rescue_count, gateway)
     select id, $1, now() - $4::interval, $5, $6 from generate_series($2::bigint, $3::bigint) as id returning payment_id`,
    [userId, first, nextId - 1, age, rescueCount, gateway],
  );
  return rows.map((row) => row.payment_id);
}

const claimer = (worker = 'w1', gatewayName: string | null = null) =>
  createTaskClaimer({ queryable: database.pool, worker, leaseMs: 30_000, gatewayName });
const idsOf = (tasks: readonly { paymentId: bigint }[]) => tasks.map((task) => task.paymentId).sort();
const usersOf = (tasks: readonly { userId: bigint }[]) => new Set(tasks.map((task) => task.userId));

describe('tasks of many users', () => {
  test('are claimed oldest first', async () => {
    const newer = await addTasks(1, 3, { age: '1 s' });
    const older = await addTasks(2, 3, { age: '5 s' });
    const { claim } = claimer();
    expect(idsOf(await claim(3))).toEqual(older);
    expect(idsOf(await claim(3))).toEqual(newer);
  });

  test('are not claimed before their time', async () => {
    await addTasks(1, 1, { age: '-1 hour' });
    expect(await claimer().claim(10)).toEqual([]);
  });
});

describe('tasks of several gateways', () => {
  const FEW = { limit: 10, heldRescueCounts: [], maxRescues: 5, concurrency: 10 };

  test('are claimed for their own gateway only', async () => {
    const bank = await addTasks(1, 3, { age: '5 s', gateway: 'bank' });
    const yen = await addTasks(1, 2, { gateway: 'yen' });
    const others = await addTasks(1, 2);
    expect(idsOf(await claimer().claim(50))).toEqual(others.toSorted());
    expect(idsOf(await claimer('w2', 'bank').claim(50))).toEqual(bank.toSorted());
    expect(idsOf(await claimer('w3', 'yen').claim(50))).toEqual(yen.toSorted());
    expect(await claimer('w4', 'unheard_of').claim(50)).toEqual([]);
  });

  test('are claimed by turns for their own gateway only', async () => {
    const { claim } = claimer();
    await addTasks(500, 200, { age: '1 minute' });
    await claim(50);
    await addTasks(7, 3, { age: '1 minute', gateway: 'bank' });
    const [single] = await addTasks(7);
    const claimed = await claim(50);
    expect(idsOf(claimed.filter(({ userId }) => userId === 7n))).toEqual([single]);
  });

  test('that lost a worker are claimed for their own gateway only', async () => {
    const bank = await addTasks(1, 1, { rescueCount: 1, gateway: 'bank' });
    const others = await addTasks(1, 1, { rescueCount: 1 });
    expect(idsOf(await claimer().claimRescued(FEW))).toEqual(others);
    expect(idsOf(await claimer('w2', 'bank').claimRescued(FEW))).toEqual(bank);
  });
});

describe('when one user has ten thousand tasks waiting', () => {
  beforeEach(() => addTasks(500, 10_000, { age: '1 minute' }));

  test('a single payment of another user is in the next claim', async () => {
    const { claim } = claimer();
    await claim(50);
    await addTasks(7);
    expect(usersOf(await claim(50))).toEqual(new Set([7n, 500n]));
  });

  test('a payment of a user whose older ones wait for their next attempt is in the next claim', async () => {
    const { claim } = claimer();
    await claim(50);
    await addTasks(7, 99, { age: '-1 hour' });
    const [ready] = await addTasks(7);
    const claimed = await claim(50);
    expect(idsOf(claimed.filter(({ userId }) => userId === 7n))).toEqual([ready]);
  });

  test('a payment that another worker is about to take is passed over for the next of its user', async () => {
    const { claim } = claimer();
    await claim(50);
    const [taken, next] = await addTasks(7, 2);
    const holder = await holdRows(
      database.databaseUrl,
      'select 1 from payment_tasks where payment_id = $1 for update',
      [taken],
    );
    const claimed = await claim(50);
    await holder.letGo();
    expect(idsOf(claimed.filter(({ userId }) => userId === 7n))).toEqual([next]);
  });

  test('every one of twenty other users is in the next claim', async () => {
    const { claim } = claimer();
    await claim(50);
    for (let user = 491; user <= 511; user += 1) if (user !== 500) await addTasks(user);
    expect(usersOf(await claim(50)).size).toBe(21);
  });

  test('the heavy user goes on with the other half, and with all of it when nobody else waits', async () => {
    const { claim } = claimer();
    await claim(50);
    for (let user = 1; user <= 100; user += 1) await addTasks(user);
    const tasks = await claim(50);
    expect(tasks).toHaveLength(50);
    expect(tasks.filter(({ userId }) => userId === 500n)).toHaveLength(25);
    await database.pool.query('delete from payment_tasks where user_id <> 500');
    expect(await claim(50)).toHaveLength(50);
  });

  test('users take turns: who had one waits until the others had theirs', async () => {
    const { claim } = claimer();
    await claim(4);
    for (const user of [10, 20, 30, 40]) await addTasks(user, 5);
    const others: bigint[] = [];
    const deadline = performance.now() + 60_000;
    while (others.length < 8 && performance.now() < deadline) {
      const claimed = (await claim(4)).filter(({ userId }) => userId !== 500n);
      others.push(...claimed.map(({ userId }) => userId));
    }
    expect(others.slice(0, 4).sort()).toEqual([10n, 20n, 30n, 40n]);
    expect(others.slice(4, 8).sort()).toEqual([10n, 20n, 30n, 40n]);
  });

  test('two other users who wait for a retry delay nobody', async () => {
    const { claim } = claimer();
    await claim(50);
    await addTasks(1, 100, { age: '-1 hour' });
    await addTasks(2, 1, { age: '-1 hour' });
    await addTasks(3);
    expect(usersOf(await claim(50))).toEqual(new Set([3n, 500n]));
  });

  test('a worker that claims one task at a time lets others in every second time', async () => {
    const { claim } = claimer();
    for (let claims = 0; claims < 4; claims += 1) await claim(1);
    await addTasks(7);
    const users = [await claim(1), await claim(1)].flatMap((tasks) => [...usersOf(tasks)]);
    expect(users).toContain(7n);
  });

  test('three workers at once claim each task once', async () => {
    for (let user = 1; user <= 30; user += 1) await addTasks(user, 3);
    const claimers = ['w1', 'w2', 'w3'].map((worker) => claimer(worker));
    const claimed: bigint[] = [];
    for (let round = 0; round < 5; round += 1) {
      const parts = await Promise.all(claimers.map(({ claim }) => claim(100)));
      claimed.push(...parts.flatMap(idsOf));
    }
    expect(new Set(claimed).size).toBe(claimed.length);
    const { rows } = await database.pool.query(`select count(*)::int as count from payment_attempts`);
    expect(rows[0].count).toBe(claimed.length);
  });
});

describe('tasks that become ready below what was claimed already', () => {
  test('are found at once when they are a little late', async () => {
    await addTasks(1);
    const { claim } = claimer();
    await claim(10);
    const late = await addTasks(1, 1, { age: '1 s' });
    expect(idsOf(await claim(10))).toEqual(late);
  });

  test('are found at once when the worker knows of them', async () => {
    await addTasks(1);
    const { claim, lookAtAll } = claimer();
    await claim(10);
    const old = await addTasks(1, 1, { age: '1 hour' });
    lookAtAll();
    expect(idsOf(await claim(10))).toEqual(old);
  });

  test('are found before long even if nobody says so', async () => {
    await addTasks(1);
    const { claim } = claimer();
    await claim(10);
    const old = await addTasks(1, 30, { age: '1 hour' });
    const found: bigint[] = [];
    const deadline = performance.now() + 60_000;
    while (found.length < 30 && performance.now() < deadline) found.push(...idsOf(await claim(10)));
    expect(found.sort()).toEqual(old.sort());
  });
});

describe('rescued tasks', () => {
  const held = { heldRescueCounts: [], maxRescues: 5, concurrency: 8 };

  test('are left out of the usual claims', async () => {
    await addTasks(1, 5, { rescueCount: 1 });
    const fresh = await addTasks(2);
    expect(idsOf(await claimer().claim(10))).toEqual(fresh);
  });

  test('are claimed in small groups', async () => {
    await addTasks(1, 5, { rescueCount: 1 });
    expect(await claimer().claimRescued({ ...held, limit: 100 })).toHaveLength(2);
  });

  test('are claimed one at a time when they lost two workers', async () => {
    await addTasks(1, 5, { rescueCount: 3 });
    const { claimRescued } = claimer();
    expect(await claimRescued({ ...held, limit: 100 })).toHaveLength(1);
    expect(await claimRescued({ ...held, limit: 100, heldRescueCounts: [3] })).toEqual([]);
  });

  test('are not claimed beyond the limit', async () => {
    await addTasks(1, 5, { rescueCount: 1 });
    await addTasks(1, 5, { rescueCount: 2 });
    expect(await claimer().claimRescued({ ...held, limit: 1 })).toHaveLength(1);
  });
});

describe('a claim of several statements of which a later one fails', () => {
  /** Lets so many claims through and fails the next ones. */
  function claimerThatFailsAfter(count: number) {
    let left = count;
    const query = (...parameters: unknown[]) => {
      left -= 1;
      if (left < 0) return Promise.reject(new Error('the connection is gone'));
      return (database.pool.query as (...parameters: unknown[]) => unknown)(...parameters);
    };
    return createTaskClaimer({ queryable: { query } as never, worker: 'w1', leaseMs: 30_000 });
  }

  test('keeps the rescued tasks that it has claimed', async () => {
    const often = await addTasks(1, 1, { rescueCount: 9 });
    await addTasks(2, 3, { rescueCount: 1 });
    const { claimRescued } = claimerThatFailsAfter(1);
    const request = { limit: 10, heldRescueCounts: [], maxRescues: 5, concurrency: 64 };
    expect(idsOf(await claimRescued(request))).toEqual(often);
    await expect(claimRescued(request)).rejects.toThrow('gone');
  });
});
