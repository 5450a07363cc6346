import type { Pool } from '../database/database.ts';
import { type GatewayDirection, signedByDirection } from '../gateway/answers/named-facts.ts';
import { DEFAULT_GATEWAY } from '../gateway/port/default-gateway.ts';
import type { BookLine } from '../gateway/port/gateway-book.ts';
import { gatewayDirection } from '../payments/kinds/payment-kinds.sql.ts';

export async function insertBookLines(
  pool: Pool,
  reportId: bigint,
  lines: readonly BookLine[],
): Promise<void> {
  await pool.query({
    name: 'reconciliation-insert-book-lines',
    text: `
      insert into reconciliation_book_lines
        (report_id, line, reference, gateway_reference, type, amount, currency, status, executed_at, unreadable_time)
      select $1, *
      from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::timestamptz[],
                  $10::text[])`,
    values: [
      reportId,
      lines.map((line) => line.line),
      lines.map((line) => line.reference),
      lines.map((line) => line.gatewayReference),
      lines.map((line) => line.type),
      lines.map((line) => line.amountMinor),
      lines.map((line) => line.currency),
      lines.map((line) => line.status),
      lines.map((line) => line.executedAt?.toISOString() ?? null),
      lines.map((line) => line.unreadableTime),
    ],
  });
}

/** Updates the planner's statistics after loading. The function runs as the table's owner, whoever calls it. */
export async function analyzeBookLines(pool: Pool): Promise<void> {
  await pool.query('select analyze_book_lines()');
}

/** A line of the book with an unreadable time, with our payment for its reference, if there is one. */
export interface UntimedLine
  extends Pick<BookLine, 'line' | 'reference' | 'type' | 'amountMinor' | 'currency'> {
  readonly status: 'succeeded' | 'declined';
  readonly gatewayReference: string | null;
  readonly unreadableTime: string;
  readonly paymentId: bigint | null;
}

/** A page of a report's lines with an unreadable time, in order. */
export async function readUntimedLines(
  pool: Pool,
  {
    reportId,
    gateway,
    after,
    limit,
  }: {
    readonly reportId: bigint;
    readonly gateway: string;
    readonly after: number;
    readonly limit: number;
  },
): Promise<UntimedLine[]> {
  const { rows } = await pool.query<Omit<UntimedLine, 'line'> & { readonly line: bigint }>({
    name: 'reconciliation-read-untimed-lines',
    text: `
      select book.line, book.reference, book.type, book.amount as "amountMinor", book.currency, book.status,
             book.gateway_reference as "gatewayReference", book.unreadable_time as "unreadableTime", payment.id as "paymentId"
      from reconciliation_book_lines as book
      left join payments as payment
        on payment.id = case when book.reference ~ '^[0-9]{1,18}-' then split_part(book.reference, '-', 1)::bigint end
        and payment.reference = book.reference and coalesce(payment.gateway, '${DEFAULT_GATEWAY}') = $4
      where book.report_id = $1 and book.line > $2 and book.unreadable_time is not null
      order by book.line
      limit $3`,
    values: [reportId, after, limit, gateway],
  });
  return rows.map((row) => ({ ...row, line: Number(row.line) }));
}

/** Whether a line still exists: a crash of the server empties this unlogged table. */
export async function hasBookLine(pool: Pool, reportId: bigint, line: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    'select 1 from reconciliation_book_lines where report_id = $1 and line = $2',
    [reportId, line],
  );
  return rowCount === 1;
}

/** What the gateway's book has under one reference, with our payment for that reference. */
export interface ComparedReference {
  readonly reference: string;
  readonly executedCount: number;
  /** Whether all executed lines agree. */
  readonly isUniform: boolean;
  readonly type: GatewayDirection;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly gatewayReference: string | null;
  /** null if we have no such payment. */
  readonly paymentId: bigint | null;
  readonly status: 'new' | 'success' | 'failed' | 'unknown' | null;
  readonly isDue: boolean | null;
  readonly ourType: string | null;
  readonly ourDirection: GatewayDirection | null;
  readonly ourAmountMinor: bigint | null;
  readonly ourCurrency: string | null;
  readonly ourGatewayReference: string | null;
}

/**
 * A page of the gateway's references in order. A reference begins with the id of the payment that it was made for, which is used to find
 * the payment. If redrives made other payments with the same reference, it is compared with the one that succeeded, or else the open one,
 * or else the newest: one execution there is one payment here. A payment that another gateway was to carry out is not the payment that this one
 * has carried out.
 */
export async function compareReferences(
  pool: Pool,
  {
    reportId,
    gateway,
    after,
    cutOffAt,
    limit,
  }: {
    readonly reportId: bigint;
    readonly gateway: string;
    readonly after: string;
    readonly cutOffAt: Date;
    readonly limit: number;
  },
): Promise<ComparedReference[]> {
  const { rows } = await pool.query<ComparedReference>({
    name: 'reconciliation-compare-references',
    text: `
      with page as materialized (
        select distinct reference
        from reconciliation_book_lines
        where report_id = $1 and reference > $2
        order by reference
        limit $4
      )
      select page.reference, book.*, payment.id as "paymentId", payment.status, payment.type as "ourType",
             ${gatewayDirection('payment.type')} as "ourDirection",
             payment.updated_at <= $3 as "isDue", payment.amount as "ourAmountMinor",
             payment.currency as "ourCurrency", payment.gateway_reference as "ourGatewayReference"
      from page
      cross join lateral (
        select count(*) filter (where status = 'succeeded')::int as "executedCount",
               count(distinct (type, amount, currency)) filter (where status = 'succeeded') <= 1 as "isUniform",
               (array_agg(type order by status desc, line))[1] as type,
               (array_agg(amount order by status desc, line))[1] as "amountMinor",
               (array_agg(currency order by status desc, line))[1] as currency,
               (array_agg(gateway_reference order by status desc, line))[1] as "gatewayReference"
        from reconciliation_book_lines as line
        where line.report_id = $1 and line.reference = page.reference
      ) as book
      left join payments as first
        on first.id = case when page.reference ~ '^[0-9]{1,18}-' then split_part(page.reference, '-', 1)::bigint end
        and first.reference = page.reference
        and coalesce(first.gateway, '${DEFAULT_GATEWAY}') = $5
      -- Only a failed payment can have been redriven, so this costs nothing for all others.
      left join lateral (
        with recursive redriven as (
          select next.id, next.status
          from payments as next
          where first.status = 'failed' and next.redrive_of = first.id and next.redrive_of is not null
            and next.reference = page.reference
          union all
          select next.id, next.status
          from redriven
          join payments as next
            on next.redrive_of = redriven.id and next.redrive_of is not null and next.reference = page.reference
        )
        select id
        from redriven
        order by status = 'success' desc, status in ('new', 'unknown') desc, id desc
        limit 1
      ) as latest on true
      left join payments as payment on payment.id = coalesce(latest.id, first.id)
      order by page.reference`,
    values: [reportId, after, cutOffAt, limit, gateway],
  });
  return rows;
}

/** What the gateway says it moved under these references: a sum for each currency and direction. */
export async function sumBookLines(
  pool: Pool,
  reportId: bigint,
  references: readonly string[],
): Promise<{ reference: string; currency: string; netMinor: bigint }[]> {
  // Each amount fits into a bigint, but their sum may not.
  const { rows } = await pool.query<{
    reference: string;
    currency: string;
    direction: GatewayDirection;
    moved: string;
  }>({
    name: 'reconciliation-sum-book-lines',
    text: `
      select reference, currency, type as direction, sum(amount)::text as moved
      from reconciliation_book_lines
      where report_id = $1 and reference = any ($2::text[]) and status = 'succeeded'
      group by reference, currency, type
      order by reference, currency, type`,
    values: [reportId, references],
  });
  return rows.map(({ reference, currency, direction, moved }) => ({
    reference,
    currency,
    netMinor: signedByDirection(direction, BigInt(moved)),
  }));
}

/** One of our settled payments, and whether the gateway's book has it. */
export interface SettledPayment {
  readonly paymentId: bigint;
  readonly reference: string;
  readonly type: string;
  readonly direction: GatewayDirection;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly gatewayReference: string | null;
  readonly isDue: boolean;
  readonly isThere: boolean;
}

/**
 * A page of all our payments in the order of their ids, of which only the settled ones of this gateway are returned; `lastId` is null at
 * the end.
 */
export async function compareSettled(
  pool: Pool,
  {
    reportId,
    gateway,
    afterId,
    cutOffAt,
    limit,
  }: {
    readonly reportId: bigint;
    readonly gateway: string;
    readonly afterId: bigint;
    readonly cutOffAt: Date;
    readonly limit: number;
  },
): Promise<{ payments: SettledPayment[]; lastId: bigint | null }> {
  const { rows } = await pool.query<SettledPayment & { readonly status: string; readonly isTheirs: boolean }>(
    {
      name: 'reconciliation-compare-settled',
      text: `
      with page as materialized (
        select id, reference, type, amount, currency, gateway_reference, status, updated_at,
               coalesce(gateway, '${DEFAULT_GATEWAY}') = $5 as is_theirs
        from payments
        where id > $2
        order by id
        limit $4
      )
      select page.id as "paymentId", page.reference, page.type, ${gatewayDirection('page.type')} as direction, page.amount as "amountMinor", page.currency,
             page.gateway_reference as "gatewayReference", page.status, page.is_theirs as "isTheirs", page.updated_at <= $3 as "isDue",
             exists (select 1 from reconciliation_book_lines as line
                     where line.report_id = $1 and line.reference = page.reference) as "isThere"
      from page
      order by page.id`,
      values: [reportId, afterId, cutOffAt, limit, gateway],
    },
  );
  return {
    payments: rows.filter((row) => row.status === 'success' && row.isTheirs),
    lastId: rows.length < limit ? null : (rows.at(-1)?.paymentId ?? null),
  };
}

/** Records which differences a report saw, and counts them by kind. */
export async function linkDifferences(
  pool: Pool,
  { reportId, dedupeKeys }: { readonly reportId: bigint; readonly dedupeKeys: readonly string[] },
): Promise<{ kind: string; found: number; open: number }[]> {
  const { rows } = await pool.query({
    name: 'reconciliation-link-differences',
    text: `
      with seen as materialized (
        select id, kind, closed_at from reconciliation_differences where dedupe_key = any ($2::text[])
      ),
      linked as (
        insert into reconciliation_report_differences (report_id, difference_id)
        select $1, id from seen
        on conflict do nothing
      )
      select kind, count(*)::int as found, (count(*) filter (where closed_at is null))::int as open
      from seen
      group by kind`,
    values: [reportId, dedupeKeys],
  });
  return rows;
}

/**
 * Stores the book's executed lines for references whose payment has not succeeded here. The book's lines are deleted when the report ends;
 * these stay as evidence. A reference that was already stored stays unchanged.
 */
export async function rememberExecutions(
  pool: Pool,
  reportId: bigint,
  found: readonly ComparedReference[],
): Promise<void> {
  if (found.length === 0) return;
  await pool.query({
    name: 'reconciliation-remember-executions',
    text: `
      insert into payment_book_sightings (reference, report_id, type, amount, currency, gateway_reference)
      select reference, $1, type, amount, currency, gateway_reference
      from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
        as seen (reference, type, amount, currency, gateway_reference)
      order by reference
      on conflict (reference) do nothing`,
    values: [
      reportId,
      found.map(({ reference }) => reference),
      found.map(({ type }) => type),
      found.map(({ amountMinor }) => amountMinor),
      found.map(({ currency }) => currency),
      found.map(({ gatewayReference }) => gatewayReference),
    ],
  });
}
