import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import type { Posting } from '../ledger/posting.ts';
import { findSystemAccounts, type SystemAccounts } from '../ledger/system-accounts.ts';
import type { Hold } from './hold.ts';
import { DELETE_HOLDS } from './holds.sql.ts';
import { placeHolds } from './place-holds.ts';
import { resolveHolds } from './resolve-holds.ts';

let database: TestDatabase;
let world: PaymentWorld;
let accounts: SystemAccounts;
let subjectCount = 0n;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  accounts = await findSystemAccounts(database.pool, 'USD');
});
afterAll(() => database.close());

interface Wallet {
  readonly userId: bigint;
  readonly accountId: bigint;
}

async function openWallet(balanceMinor: bigint): Promise<Wallet> {
  const userId = await world.user(balanceMinor);
  const { rows } = await database.pool.query('select id from accounts where user_id = $1', [userId]);
  return { userId, accountId: rows[0].id };
}

function holdOn(wallet: Wallet, amountMinor: bigint, changes: Partial<Hold> = {}): Hold {
  subjectCount += 1n;
  return {
    ...wallet,
    purpose: 'payment',
    subjectId: 1_000_000n + subjectCount,
    amountMinor,
    currency: 'USD',
    expiresAt: null,
    ...changes,
  };
}

const place = (...holds: Hold[]) =>
  inTransaction(database.pool, (transaction) => placeHolds(transaction, holds));

const release = (...holds: Hold[]) =>
  inTransaction(database.pool, (transaction) => resolveHolds(transaction, { holds, postings: [] }));

/** Takes the money that is held from the wallet. */
const capture = (hold: Hold) =>
  inTransaction(database.pool, (transaction) =>
    resolveHolds(transaction, { holds: [hold], postings: [spend(hold)] }),
  );

/** A step of its own each time: nothing but the hold keeps its money from being taken twice. */
function spend({ subjectId, userId, accountId, amountMinor, currency }: Hold): Posting {
  return {
    reference: `test:${subjectId}`,
    step: `spend ${randomUUID()}`,
    userId,
    legs: [
      { accountId, balance: 'kept', amountMinor: -amountMinor, currency },
      { accountId: accounts.gateway, balance: 'folded', amountMinor, currency },
    ],
  };
}

async function balanceOf({ accountId }: Wallet) {
  const { rows } = await database.pool.query(
    `select posted, held, (select count(*)::int from holds where account_id = accounts.id) as holds
     from accounts where id = $1`,
    [accountId],
  );
  return rows[0] as { posted: bigint; held: bigint; holds: number };
}

test('a hold reserves money, and writes no entry', async () => {
  const wallet = await openWallet(100n);
  const entries = await world.count('ledger_entries');
  await place(holdOn(wallet, 60n));
  expect(await balanceOf(wallet)).toEqual({ posted: 100n, held: 60n, holds: 1 });
  expect(await world.count('ledger_entries')).toBe(entries);
});

test('a released hold leaves everything as it was, and a captured one takes its money', async () => {
  const wallet = await openWallet(100n);
  const [first, second] = [holdOn(wallet, 60n), holdOn(wallet, 40n)];
  await place(first, second);
  await release(first);
  expect(await balanceOf(wallet)).toEqual({ posted: 100n, held: 40n, holds: 1 });
  await capture(second);
  expect(await balanceOf(wallet)).toEqual({ posted: 60n, held: 0n, holds: 0 });
  expect(await world.violations()).toEqual([]);
});

test('more than is available can be neither held nor spent beside a hold', async () => {
  const wallet = await openWallet(100n);
  await expect(place(holdOn(wallet, 101n))).rejects.toMatchObject({ constraint: 'accounts_overdraft' });
  await place(holdOn(wallet, 60n));
  await expect(place(holdOn(wallet, 41n))).rejects.toMatchObject({ constraint: 'accounts_overdraft' });
  const spending = inTransaction(database.pool, (transaction) =>
    resolveHolds(transaction, { holds: [], postings: [spend(holdOn(wallet, 41n))] }),
  );
  await expect(spending).rejects.toMatchObject({ constraint: 'accounts_overdraft' });
  expect(await balanceOf(wallet)).toEqual({ posted: 100n, held: 60n, holds: 1 });
});

test('a subject has at most one hold', async () => {
  const wallet = await openWallet(100n);
  const hold = holdOn(wallet, 10n);
  await place(hold);
  await expect(place(hold)).rejects.toMatchObject({ constraint: 'holds_pkey' });
  expect(await balanceOf(wallet)).toEqual({ posted: 100n, held: 10n, holds: 1 });
});

test('a hold is resolved once, however it is tried again', async () => {
  const wallet = await openWallet(100n);
  const hold = holdOn(wallet, 10n);
  await place(hold, holdOn(wallet, 50n));
  await capture(hold);
  await expect(release(hold)).rejects.toThrow(`no such hold to resolve: payment ${hold.subjectId}`);
  await expect(release(hold, hold)).rejects.toThrow('no such hold');
  expect(await balanceOf(wallet)).toEqual({ posted: 90n, held: 50n, holds: 1 });
});

test.each<[string, (hold: Hold, other: Wallet) => Partial<Hold>]>([
  ['another amount', () => ({ amountMinor: 9n })],
  ['another wallet', (_hold, { accountId }) => ({ accountId })],
  ['another user', (_hold, { userId }) => ({ userId })],
])('a hold is not resolved as a hold of %s', async (_what, changesOf) => {
  const [wallet, other] = [await openWallet(100n), await openWallet(100n)];
  const hold = holdOn(wallet, 10n);
  await place(hold, holdOn(other, 50n));
  await expect(release({ ...hold, ...changesOf(hold, other) })).rejects.toThrow('no such hold to resolve');
  expect(await balanceOf(wallet)).toEqual({ posted: 100n, held: 10n, holds: 1 });
  expect(await world.violations()).toEqual([]);
});

test("a hold of nothing, or in a currency that is not the wallet's, is refused before anything is written", async () => {
  const wallet = await openWallet(100n);
  await expect(place(holdOn(wallet, 0n))).rejects.toThrow('is of 0');
  await expect(place(holdOn(wallet, 5n, { currency: 'EUR' }))).rejects.toThrow(
    'in the currency of its wallet',
  );
  expect(await balanceOf(wallet)).toEqual({ posted: 100n, held: 0n, holds: 0 });
});

describe('the database itself refuses', () => {
  test.each([
    ['that less than nothing is held', 'update accounts set held = -1 where id = $1', 'accounts_overdraft'],
    ['that more is held than there is', 'update accounts set held = 101 where id = $1', 'accounts_overdraft'],
    [
      'a hold of nothing',
      `insert into holds (user_id, purpose, subject_id, account_id, amount_minor, currency)
       select user_id, 'payment', 1, id, 0, currency from accounts where id = $1`,
      'holds_amount_minor_check',
    ],
    [
      'a hold for something that is not known',
      `insert into holds (user_id, purpose, subject_id, account_id, amount_minor, currency)
       select user_id, 'whim', 1, id, 1, currency from accounts where id = $1`,
      'holds_purpose_check',
    ],
  ])('%s', async (_what, statement, constraint) => {
    const { accountId } = await openWallet(100n);
    await expect(database.pool.query(statement, [accountId])).rejects.toMatchObject({ constraint });
  });

  test('a hold of a system account', async () => {
    await expect(
      database.pool.query('update accounts set held = 1 where id = $1', [accounts.gateway]),
    ).rejects.toMatchObject({ constraint: 'accounts_only_wallets_hold' });
  });
});

describe('a batch of holds is resolved by their keys', () => {
  /** How many rows of the table the statement looks at, with the plan that is kept for whatever it is given. */
  async function rowsLookedAt(holds: readonly Hold[]): Promise<{ found: number; scans: string[] }> {
    const client = await database.pool.connect();
    try {
      await client.query(`begin; set local plan_cache_mode = force_generic_plan`);
      const columns = ['userId', 'purpose', 'subjectId', 'accountId', 'amountMinor', 'currency'] as const;
      const lists = columns.map((column) => `'{${holds.map((hold) => hold[column]).join()}}'`);
      await client.query(
        `prepare removal (bigint[], text[], bigint[], bigint[], bigint[], text[]) as ${DELETE_HOLDS}`,
      );
      const { rows } = await client.query(`explain (analyze, format json) execute removal (${lists.join()})`);
      const scans: string[] = [];
      let found = 0;
      const walk = (node: Record<string, unknown>): void => {
        if (node['Relation Name'] === 'holds' && node['Node Type'] !== 'ModifyTable') {
          scans.push(String(node['Node Type']));
          const removed = Number(node['Rows Removed by Filter'] ?? 0);
          found += (Number(node['Actual Rows']) + removed) * Number(node['Actual Loops']);
        }
        for (const child of (node.Plans ?? []) as Record<string, unknown>[]) walk(child);
      };
      walk(rows[0]['QUERY PLAN'][0].Plan);
      return { found, scans };
    } finally {
      await client.query('rollback; deallocate removal');
      client.release();
    }
  }

  test.each([1, 50, 500])('%i of them, alone and among many', async (count) => {
    const wallet = await openWallet(1_000_000n);
    const holds = Array.from({ length: count }, () => holdOn(wallet, 10n));
    expect((await rowsLookedAt(holds)).found).toBe(0);
    await place(...holds, ...Array.from({ length: 5000 }, () => holdOn(wallet, 1n)));
    await database.pool.query('analyze holds');
    const { found, scans } = await rowsLookedAt(holds);
    expect(new Set(scans)).toEqual(new Set(['Index Scan']));
    expect(Math.round(found)).toBe(count);
  });
});

type Move =
  | { readonly kind: 'place'; readonly wallet: number; readonly amount: bigint }
  | { readonly kind: 'release' | 'capture'; readonly pick: number };

test('holds that many place, capture and release at once, some of them twice, follow every rule', async () => {
  const wallets = await Promise.all(Array.from({ length: 3 }, () => openWallet(30_000n)));
  const moves = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('place' as const),
        wallet: fc.nat(2),
        amount: fc.bigInt({ min: 1n, max: 4000n }),
      }),
      // A small range, so that the same hold is often resolved by several at once.
      fc.record({ kind: fc.constantFrom('release' as const, 'capture' as const), pick: fc.nat(5) }),
    ),
    { minLength: 10, maxLength: 40 },
  );
  const resolvedCounts = new Map<bigint, number>();
  const open: Hold[] = [];

  async function move(next: Move): Promise<void> {
    if (next.kind === 'place') {
      const hold = holdOn(wallets[next.wallet] as Wallet, next.amount);
      await place(hold);
      open.push(hold);
      return;
    }
    // Of those that are open now; several at once pick the same one.
    const unresolved = open.filter(({ subjectId }) => !resolvedCounts.has(subjectId));
    const hold = unresolved[next.pick % unresolved.length];
    if (!hold) return;
    await (next.kind === 'release' ? release(hold) : capture(hold));
    resolvedCounts.set(hold.subjectId, (resolvedCounts.get(hold.subjectId) ?? 0) + 1);
  }

  function isExpected(error: unknown): boolean {
    const { message, constraint } = error as { message: string; constraint?: string };
    // Another has resolved it; or the wallet has too little, held or available.
    return message.startsWith('no such hold') || constraint === 'accounts_overdraft';
  }

  await fc.assert(
    fc.asyncProperty(moves, async (sequence) => {
      const ended = await Promise.allSettled(sequence.map(move));
      const unexpected = ended.filter((end) => end.status === 'rejected' && !isExpected(end.reason));
      expect(unexpected).toEqual([]);
      expect([...resolvedCounts.values()].filter((count) => count > 1)).toEqual([]);
      expect(await world.violations()).toEqual([]);
    }),
    { numRuns: 15 },
  );
  expect(resolvedCounts.size).toBeGreaterThan(10);
  // What is not resolved is still there.
  const { rows } = await database.pool.query('select subject_id from holds where subject_id = any ($1)', [
    open.map(({ subjectId }) => subjectId),
  ]);
  expect(new Set(rows.map(({ subject_id }) => subject_id))).toEqual(
    new Set(open.filter(({ subjectId }) => !resolvedCounts.has(subjectId)).map(({ subjectId }) => subjectId)),
  );
});
