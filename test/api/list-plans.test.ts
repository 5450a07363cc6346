import { quotePageParts } from '../../src/conversions/quotes/list-quotes.sql.ts';
import { createListKnex, type Knex } from '../../src/database/database.ts';
import { type PageParts, pageStatement, readPage } from '../../src/database/list-page.sql.ts';
import { bulkRedrivePageParts } from '../../src/dead-letters/bulk-redrives.sql.ts';
import { deadLetterPageParts } from '../../src/dead-letters/list-dead-letters.sql.ts';
import { violationPageParts } from '../../src/integrity/violations.sql.ts';
import { orderHoldPageParts } from '../../src/order-holds/list-order-holds.sql.ts';
import { unknownPageParts } from '../../src/payments/read/read-unknown-payments.sql.ts';
import { differencePageParts } from '../../src/reconciliation/read-differences.sql.ts';
import { reportPageParts } from '../../src/reconciliation/reports.sql.ts';
import { countRowsRead } from '../support/count-rows-read.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

/** How many rows a page may look at. Not the code's own number, so that a limit raised by mistake fails here. */
const MOST_LOOKED_AT = 5000;

const ROW_COUNT = 30_000;
const LONG_AGO = '2020-01-01T00:00:00.000000Z';
const HALF_WAY = '2026-01-01T04:10:00.000000Z';

let database: TestDatabase;
let lists: Knex;

beforeAll(async () => {
  database = await createTestDatabase();
  lists = createListKnex(database.databaseUrl, testConfig(), 'test');
  // A row of each table every second since the year began. The oldest are what the filters look for, and a user has nearly all.
  await database.pool.query(`
    create temporary view moments as
      select n, timestamptz '2026-01-01T00:00:00Z' + n * interval '1 second' as at,
             case when n % 100 = 0 then 2 else 1 end as user_id
      from generate_series(1, ${ROW_COUNT}) as n;
    insert into payments (user_id, wallet_id, type, amount, fee, currency, status, reference, created_at)
      select user_id, 1, case when n <= 3 then 'withdraw' else 'deposit' end, case when n <= 3 then 99 else 100 end, 2,
             'USD', 'failed', n || '-x', at
      from moments;
    insert into payment_dlq (payment_id, user_id, reason, attempts, created_at, action, action_at)
      select n, user_id, case when n <= 3 then 'poison' else 'refused' end, 1, at,
             case when n > 3 and n <= ${ROW_COUNT} - 40 then 'discarded' end, case when n > 3 and n <= ${ROW_COUNT} - 40 then at end
      from moments;
    insert into payment_inquiries (payment_id, user_id, opened_at, next_ask_at, needs_review_at)
      select n, user_id, at, at, case when n <= 3 then at end from moments;
    insert into integrity_violations (rule, subject, fingerprint, detail, found_at, resolved_at)
      select case when n <= 3 then 'wallet_above_floor' else 'balance_equals_entries' end, 'account:' || n, 'x', 'x', at,
             case when n > 3 then at end
      from moments;
    insert into reconciliation_reports (status, started_by, started_at, cut_off_at, finished_at)
      select case when n <= 3 then 'failed' else 'clean' end, 'schedule', at, at, at from moments;
    insert into reconciliation_differences (payment_id, kind, source, dedupe_key, created_at, closed_at, closed_by, closed_reason)
      select case when n % 2 = 0 then n else 7 end, case when n <= 3 then 'duplicate' else 'missing_here' end, 'report', n::text, at,
             case when n > 3 then at end, case when n > 3 then 'ana' end, case when n > 3 then 'x' end
      from moments;
    insert into reconciliation_report_differences (report_id, difference_id) select n % 3, n from moments;
    insert into bulk_redrives (state, last_letter_id, per_second, total_count, requested_by, reason, created_at)
      select case when n <= 3 then 'stopped' else 'done' end, 1, 1, 1, 'ana', 'x', at from moments;
    insert into order_holds (user_id, wallet_id, amount_minor, order_id, currency, created_at, expires_at, status, resolved_at, released_minor)
      select user_id, case when n <= 60 then 3 else 1 end, 100, n::text, case when n <= 3 then 'EUR' else 'USD' end, at,
             case when n % 2 = 0 then at else at + interval '100 years' end,
             case when n > 40 then 'released' else 'open' end, case when n > 40 then at end, case when n > 40 then 100 else 0 end
      from moments;
    insert into conversion_quotes (user_id, from_wallet_id, to_wallet_id, from_amount, to_amount, spread_amount, spread_numerator, spread_denominator, rate_as_of,
        created_at, expires_at, used_at, token, from_currency, to_currency, fixed_side, rate_source, mid_numerator, mid_denominator)
      select user_id, 1, 2, 100, 90, 1, 1, 200, at, at, at + interval '1 minute', case when n % 3 = 0 then at end, gen_random_uuid(),
             case when n <= 3 then 'GBP' else 'USD' end, 'EUR', 'from', 'http', 9, 10
      from moments;
    analyze;`);
});
afterAll(async () => {
  await lists.destroy();
  await database.close();
});

const page = { limit: 50 };
const [early, late] = [{ createdBefore: LONG_AGO }, { createdAfter: HALF_WAY }];
const cents = { amounts: { currency: 'USD', leastMinor: null, mostMinor: 99n } };

const LISTS: readonly (readonly [list: string, parts: PageParts])[] = [
  ...[
    { state: 'all' as const },
    { state: 'open' as const },
    { state: 'handled' as const, userId: 2n },
    { state: 'open' as const, userId: 1n },
    { state: 'all' as const, reasons: ['poison' as const] },
    { state: 'all' as const, type: 'withdraw' as const },
    { state: 'handled' as const, userId: 1n, ...cents },
    { state: 'all' as const, ...early },
    { state: 'open' as const, ...early },
    { state: 'all' as const, ...late },
  ].map((filter) => ['dead letters', deadLetterPageParts({ ...filter, ...page })] as const),
  ...[
    {},
    { state: 'needs_review' as const },
    { state: 'asking' as const, userId: 2n },
    { type: 'withdraw' as const, userId: 1n },
    cents,
    early,
    late,
  ].map((filter) => ['unknown payments', unknownPageParts({ ...filter, ...page })] as const),
  ...[
    { state: 'open' as const },
    { state: 'all' as const },
    { state: 'all' as const, rules: ['wallet_above_floor' as const] },
    { state: 'all' as const, ...early },
    { state: 'all' as const, ...late },
  ].map((filter) => ['violations', violationPageParts({ ...filter, ...page })] as const),
  ...[{}, { status: 'failed' as const }, early, late].map(
    (filter) => ['reports', reportPageParts({ ...filter, ...page })] as const,
  ),
  ...[
    { state: 'open' as const },
    { state: 'all' as const },
    { state: 'closed' as const, kind: 'duplicate' as const },
    { state: 'all' as const, source: 'callback' as const },
    { state: 'open' as const, paymentId: 7n },
    { state: 'all' as const, paymentId: 8n },
    { state: 'all' as const, reportId: 2n },
    { state: 'open' as const, reportId: 2n },
    { state: 'all' as const, reportId: 2n, paymentId: 7n, ...late },
    { state: 'all' as const, ...early },
  ].map((filter) => ['exceptions', differencePageParts({ ...filter, ...page })] as const),
  ...[
    { state: 'open' as const },
    { state: 'overdue' as const },
    { state: 'overdue' as const, userId: 2n },
    { state: 'open' as const, currency: 'EUR' },
    { state: 'open' as const, userId: 1n, walletId: 3n },
    { state: 'ended' as const, userId: 1n, walletId: 3n },
    { state: 'all' as const, userId: 2n, walletId: 1n },
    { state: 'ended' as const, userId: 1n },
    { state: 'captured' as const },
    { state: 'all' as const },
    { state: 'all' as const, ...early },
    { state: 'ended' as const, ...late },
  ].map((filter) => ['holds for orders', orderHoldPageParts({ ...filter, ...page })] as const),
  ...[
    { state: 'all' as const },
    { state: 'used' as const },
    { state: 'open' as const },
    { state: 'expired' as const, userId: 2n },
    { state: 'used' as const, userId: 1n, fromCurrency: 'GBP', toCurrency: 'EUR' },
    { state: 'all' as const, ...early },
    { state: 'used' as const, ...late },
  ].map((filter) => ['quotes', quotePageParts({ ...filter, ...page })] as const),
  ...[{}, { state: 'stopped' as const }, early, late].map(
    (filter) => ['bulk redrives', bulkRedrivePageParts({ ...filter, ...page })] as const,
  ),
];

const described = LISTS.map(([list, parts]) => [list, JSON.stringify(parts.filters), parts] as const);

test.each(described)(
  'a page of %s (%s) looks at a bounded number of rows',
  async (_list, _filters, parts) => {
    for (const beforeId of [undefined, BigInt(ROW_COUNT / 2)]) {
      const { rowCount, scans } = await countRowsRead(
        lists,
        pageStatement({ ...parts, query: { ...parts.query, beforeId } }),
      );
      // Walked twice, and for each what is known beside it.
      expect(rowCount).toBeLessThanOrEqual(6 * MOST_LOOKED_AT);
      expect(scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([]);
    }
  },
);

test.each(described)(
  'pages of %s (%s) contain what a search of everything finds',
  async (_list, _filters, parts) => {
    const { walk, joins = '', filters, values, query } = parts;
    const ids: bigint[] = [];
    let beforeId: bigint | undefined;
    do {
      const named = { ...parts, select: `select ${walk.as}."idOfPage" as id`, query: { ...query, beforeId } };
      const { items, nextBeforeId } = await readPage<{ id: bigint }>(lists, named);
      ids.push(...items.map(({ id }) => id));
      beforeId = nextBeforeId ?? undefined;
    } while (beforeId !== undefined);

    const { createdAfter = null, createdBefore = null } = query;
    const conditions = (list: readonly (string | undefined)[]) =>
      ['true', ...list.filter((condition) => condition !== undefined)].join(' and ');
    const { rows } = await database.knex.raw(
      `select ${walk.as}."idOfPage" as id
     from (select ${walk.columns}, ${walk.id} as "idOfPage", ${walk.createdAt} as "createdAtOfPage"
           from ${walk.from} ${walk.join ?? ''} where ${conditions(walk.where ?? [])}) as ${walk.as}
     ${joins}
     where ${conditions(filters)}
       and ("createdAtOfPage" >= :createdAfter::timestamptz or :createdAfter::timestamptz is null)
       and ("createdAtOfPage" < :createdBefore::timestamptz or :createdBefore::timestamptz is null)
     order by 1 desc`,
      { ...values, createdAfter, createdBefore },
    );
    expect(ids).toEqual(rows.map(({ id }: { id: bigint }) => id));
  },
);

test('a list from a moment on stops soon after reaching it, however much is older', async () => {
  let pageCount = 0;
  let beforeId: bigint | undefined;
  const parts = deadLetterPageParts({
    state: 'all',
    createdAfter: '2026-01-01T08:19:00.000000Z',
    limit: 200,
  });
  do {
    const { nextBeforeId } = await readPage(lists, { ...parts, query: { ...parts.query, beforeId } });
    beforeId = nextBeforeId ?? undefined;
    pageCount += 1;
  } while (beforeId !== undefined);
  expect(pageCount).toBeLessThanOrEqual(2);
});
