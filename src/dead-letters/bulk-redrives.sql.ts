import type { Knex, Pool, Queryable } from '../database/database.ts';
import {
  type CreatedFilter,
  type Page,
  type PageParts,
  type PageQuery,
  readPage,
} from '../database/list-page.sql.ts';
import { type BulkRedrive, type LetterFilter, letterReason, type SliceCounts } from './bulk-redrive.ts';
import { matchesFilter, NAMED_MATCHES, namedFilterValues } from './filter-dead-letters.sql.ts';

/** Counts stop at this number. */
export const MOST_COUNTED = 100_000;

const COLUMNS = `
  id, state, per_second as "perSecond", total_count as "totalCount", redriven_count as "redrivenCount",
  refused_count as "refusedCount", withheld_count as "withheldCount", skipped_count as "skippedCount", failed_count as "failedCount",
  last_letter_id as "lastLetterId", done_letter_id as "doneLetterId", requested_by as "requestedBy", reason,
  stopped_by as "stoppedBy", created_at as "createdAt", updated_at as "updatedAt", finished_at as "finishedAt",
  json_build_object('reasons', letter_reasons, 'type', payment_type, 'userId', user_id, 'letterIds', letter_ids) as filter`;

const PLACES = { reasons: '$1', type: '$2', userId: '$3', letterIds: '$4' } as const;
const MATCHES = matchesFilter((name) => PLACES[name]);

/** What stands at $1 to $4. */
function filterValues(filter: LetterFilter): unknown[] {
  const { reasons, type, userId, letterIds } = namedFilterValues(filter);
  return [reasons, type, userId, letterIds];
}

/** Open letters that match, up to MOST_COUNTED. */
const countOpen = (matches: string) => `
  select count(*)::int as count
  from (
    select 1 from payment_dlq as letter
    where letter.action is null and ${matches}
    limit ${MOST_COUNTED}
  ) as matching`;

/** Counts the open letters that match, up to MOST_COUNTED. It may read that many rows, so use a connection of the lists pool. */
export async function countOpenLetters(lists: Knex, filter: LetterFilter): Promise<number> {
  const { rows }: { rows: { count: number }[] } = await lists.raw(
    countOpen(NAMED_MATCHES),
    namedFilterValues(filter),
  );
  return rows[0]?.count ?? 0;
}

/** Those of these ids that belong to no dead letter, in the given order. */
export async function selectMissingLetters(pool: Pool, letterIds: readonly bigint[]): Promise<bigint[]> {
  if (letterIds.length === 0) return [];
  const { rows } = await pool.query<{ id: bigint }>(
    `select wanted.id
     from unnest($1::bigint[]) with ordinality as wanted (id, place)
     where not exists (select 1 from payment_dlq as letter where letter.id = wanted.id)
     order by wanted.place`,
    [letterIds],
  );
  return rows.map(({ id }) => id);
}

/**
 * Inserts a bulk redrive of the open letters that match now. One statement counts them and records the newest letter, so that exactly the
 * counted letters are processed.
 */
export async function insertBulkRedrive(
  queryable: Queryable,
  request: {
    readonly filter: LetterFilter;
    readonly perSecond: number;
    readonly by: string;
    readonly reason: string;
  },
): Promise<BulkRedrive> {
  const { rows } = await queryable.query(
    `insert into bulk_redrives
       (letter_reasons, payment_type, user_id, letter_ids, last_letter_id, per_second, total_count, requested_by, reason)
     values ($1, $2, $3, $4, (select coalesce(max(id), 0) from payment_dlq), $5, (${countOpen(MATCHES)}), $6, $7)
     returning ${COLUMNS}`,
    [...filterValues(request.filter), request.perSecond, request.by, request.reason],
  );
  return readRow(rows[0]);
}

/** After a crash, the server may assign an id again, but not with the same time. */
export async function isBulkRedriveWritten(
  queryable: Queryable,
  { id, createdAt }: Pick<BulkRedrive, 'id' | 'createdAt'>,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select 1 from bulk_redrives where id = $1 and date_trunc('milliseconds', created_at) = $2`,
    [id, createdAt],
  );
  return rowCount === 1;
}

export interface BulkRedriveFilter extends CreatedFilter {
  readonly state?: BulkRedrive['state'] | undefined;
}

/** Lists bulk redrives, newest first. */
export async function listBulkRedrives(
  knex: Knex,
  query: BulkRedriveFilter & PageQuery,
): Promise<Page<BulkRedrive>> {
  const { items, nextBeforeId } = await readPage<BulkRedrive>(knex, bulkRedrivePageParts(query));
  return { items: items.map(readRow), nextBeforeId };
}

export function bulkRedrivePageParts(query: BulkRedriveFilter & PageQuery): PageParts {
  return {
    query,
    walk: {
      from: 'bulk_redrives as listed',
      id: 'listed.id',
      as: 'bulk_redrive',
      columns: 'listed.*',
      createdAt: 'listed.created_at',
    },
    select: `select ${COLUMNS}`,
    filters: [query.state === undefined ? undefined : 'bulk_redrive.state = :state'],
    values: { state: query.state ?? null },
  };
}

export async function findBulkRedrive(knex: Knex, id: bigint): Promise<BulkRedrive | undefined> {
  const { rows } = await knex.raw(`select ${COLUMNS} from bulk_redrives where id = :id`, { id });
  return rows[0] && readRow(rows[0]);
}

/** Stops a running redrive before its next slice. @returns whether it was running. */
export async function stopBulkRedrive(pool: Pool, { id, by }: { readonly id: bigint; readonly by: string }) {
  const { rowCount } = await pool.query(
    `update bulk_redrives set state = 'stopped', stopped_by = $2, updated_at = now() where id = $1 and state = 'running'`,
    [id, by],
  );
  return rowCount === 1;
}

/** Resumes a stopped redrive where it stopped. @returns whether it was stopped. */
export async function resumeBulkRedrive(pool: Pool, { id }: { readonly id: bigint }) {
  const { rowCount } = await pool.query(
    `update bulk_redrives
     set state = 'running', stopped_by = null, updated_at = now()
     where id = $1 and state = 'stopped'`,
    [id],
  );
  return rowCount === 1;
}

/** Takes a redrive whose next slice is due, for `claimMs`; after that time another worker may take it over. */
export async function takeDueBulkRedrive(
  pool: Pool,
  { claimMs }: { readonly claimMs: number },
): Promise<BulkRedrive | undefined> {
  const { rows } = await pool.query(
    `update bulk_redrives
     set next_slice_at = now() + $1 * interval '1 millisecond'
     where id = (
       select id from bulk_redrives
       where state = 'running' and next_slice_at <= now()
       order by next_slice_at
       limit 1
       for update skip locked
     )
     returning ${COLUMNS}`,
    [claimMs],
  );
  return rows[0] && readRow(rows[0]);
}

/** The next letters of a redrive in order of their ids: open ones, and those that it closed before a crash could count them. */
export async function readNextLetterIds(pool: Pool, redrive: BulkRedrive, limit: number): Promise<bigint[]> {
  const { rows } = await pool.query<{ id: bigint }>(
    `select letter.id
     from payment_dlq as letter
     where letter.id > $5 and letter.id <= $6
       and (letter.action is null
         or letter.action = 'redriven' and letter.action_by = $7 and letter.action_reason = $8)
       and ${MATCHES}
     order by letter.id
     limit $9`,
    [
      ...filterValues(redrive.filter),
      redrive.doneLetterId,
      redrive.lastLetterId,
      redrive.requestedBy,
      letterReason(redrive),
      limit,
    ],
  );
  return rows.map(({ id }) => id);
}

/** Whether a redrive closed this letter itself. */
export async function wasRedrivenBy(pool: Pool, redrive: BulkRedrive, letterId: bigint): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select 1 from payment_dlq
     where id = $1 and action = 'redriven' and action_by = $2 and action_reason = $3`,
    [letterId, redrive.requestedBy, letterReason(redrive)],
  );
  return rowCount === 1;
}

/**
 * Records the results of a slice; the next one is due at once.
 * @returns false if another worker has taken the redrive over; it counts the same letters itself.
 */
export async function recordSlice(
  pool: Pool,
  redrive: BulkRedrive,
  slice: { readonly doneLetterId: bigint; readonly counts: SliceCounts; readonly isLast: boolean },
): Promise<boolean> {
  const { counts } = slice;
  const { rowCount } = await pool.query(
    `update bulk_redrives
     set done_letter_id = $3, redriven_count = redriven_count + $4, refused_count = refused_count + $5,
         skipped_count = skipped_count + $6, failed_count = failed_count + $7, withheld_count = withheld_count + $9,
         updated_at = now(), next_slice_at = now(),
         state = case when $8 then 'done' else state end,
         finished_at = case when $8 then now() end
     where id = $1 and done_letter_id = $2 and state <> 'done'`,
    [
      redrive.id,
      redrive.doneLetterId,
      slice.doneLetterId,
      counts.redriven,
      counts.refused,
      counts.skipped,
      counts.failed,
      slice.isLast,
      counts.withheld,
    ],
  );
  return rowCount === 1;
}

/** Makes the next slice due if it is scheduled too far ahead, because the clock was ahead when it was set. */
export async function bringRedrivesForward(
  queryable: Queryable,
  { mostMs }: { readonly mostMs: number },
): Promise<number> {
  const { rowCount } = await queryable.query({
    name: 'dead-letters-bring-redrives-forward',
    text: `
      update bulk_redrives
      set next_slice_at = now()
      where state = 'running' and next_slice_at > now() + $1 * interval '1 millisecond'`,
    values: [mostMs],
  });
  return rowCount ?? 0;
}

/** Ids inside JSON arrive as numbers. */
function readRow(row: BulkRedrive): BulkRedrive {
  const { userId, letterIds, ...filter } = row.filter;
  return {
    ...row,
    filter: {
      ...filter,
      userId: userId === null ? null : BigInt(userId),
      letterIds: letterIds?.map((id) => BigInt(id)) ?? null,
    },
  };
}
