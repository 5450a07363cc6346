import type { Knex } from './database.ts';

/**
 * Rows that one page looks at, where it looks for what no index knows: the newest so many. A page that found too little then says
 * where to go on, so that whoever looks for something rare asks more often, and each question costs the same.
 */
export const MOST_LOOKED_AT = 5000;

export interface PageQuery {
  readonly limit: number;
  /** Only rows with a smaller id: where the page before ended. */
  readonly beforeId?: bigint | undefined;
}

/** A span of time: its first moment belongs to it, and its last does not. */
export interface CreatedFilter {
  readonly createdAfter?: string | undefined;
  readonly createdBefore?: string | undefined;
}

/** Amounts of one currency in minor units, the bounds included. */
export interface AmountFilter {
  readonly amounts?:
    | {
        readonly currency: string;
        readonly leastMinor: bigint | null;
        readonly mostMinor: bigint | null;
      }
    | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; null when there is none. */
  readonly nextBeforeId: bigint | null;
}

/** Rows in the descending order of an id, as an index gives them. */
export interface Walk {
  /** For example `payment_tasks as open`: whatever has the id. */
  readonly from: string;
  readonly id: string;
  /** What the index of the walk knows, so that it passes over nothing. */
  readonly where?: readonly (string | undefined)[];
  /** The rows themselves, where they are in another table: `join payments as payment on payment.id = open.payment_id`. */
  readonly join?: string;
  /** What the rest of the statement calls the rows that were walked over, and which of their columns it gets. */
  readonly as: string;
  readonly columns: string;
  readonly createdAt: string;
}

export interface PageParts {
  readonly query: PageQuery & CreatedFilter;
  readonly walk: Walk;
  /** `select ...`, of the walk's rows and what is joined to them. */
  readonly select: string;
  readonly joins?: string;
  /** What no index knows. */
  readonly filters: readonly (string | undefined)[];
  readonly values: Readonly<Record<string, unknown>>;
  /** Where little is read of each row, a page may look at more of them. */
  readonly mostLookedAt?: number;
}

/**
 * Reads a page, newest first. It may hold fewer rows than `limit`, even none, and still have a next one. What was looked at and what
 * was found come from one statement, so that no row falls between two pages.
 */
export async function readPage<Item extends object>(knex: Knex, parts: PageParts): Promise<Page<Item>> {
  const { text, values } = pageStatement(parts);
  const { rows }: { rows: { pageId: bigint | null; lookedTo: bigint | null }[] } = await knex.raw(
    text,
    values,
  );
  const found = rows.filter(({ pageId }) => pageId !== null);
  const shown = found.slice(0, parts.query.limit);
  const items = shown.map(({ pageId: _pageId, lookedTo: _lookedTo, ...item }) => item as Item);
  const nextBeforeId = found.length > shown.length ? shown.at(-1)!.pageId : (rows[0]?.lookedTo ?? null);
  return { items, nextBeforeId };
}

/** Gives one row more than the page holds, if there is one, and how far was looked if not at everything. */
export function pageStatement({
  query,
  walk,
  select,
  joins = '',
  filters,
  values,
  mostLookedAt = MOST_LOOKED_AT,
}: PageParts) {
  const { limit, beforeId = null, createdAfter = null, createdBefore = null } = query;
  const createdAt = `${walk.as}."createdAtOfPage"`;
  const wanted = [
    ...filters,
    createdAfter === null ? undefined : `${createdAt} >= :createdAfter::timestamptz`,
    createdBefore === null ? undefined : `${createdAt} < :createdBefore::timestamptz`,
  ].filter((condition) => condition !== undefined);
  const isFiltered = wanted.length > 0;
  const lookedAt = (columns: string, join: string) => `
        select ${columns}
        from ${walk.from} ${join}
        where ${all([...(walk.where ?? []), beforeId === null ? undefined : `${walk.id} < :beforeId`])}
        order by ${walk.id} desc
        limit ${isFiltered ? ':mostLookedAt' : ':oneMore'}`;
  const newestLooked =
    createdAfter === null
      ? lookedAt(`${walk.id} as id`, '')
      : lookedAt(`${walk.id} as id, ${walk.createdAt} as created_at`, walk.join ?? '');
  // Ids are drawn nearly in the order of time: when all of so many rows are too old, so are those before them.
  const goesOn = createdAfter === null ? '' : 'and max(created_at) >= :createdAfter::timestamptz';
  const text = `
    select page.*, bound."lookedTo"
    from (
      -- Without a filter the page itself says whether there is more.
      ${isFiltered ? `select case when count(*) = :mostLookedAt ${goesOn} then min(id) end as "lookedTo" from (${newestLooked}) as looked_at` : 'select null::bigint as "lookedTo"'}
    ) as bound
    left join (
      ${select}, ${walk.as}."idOfPage" as "pageId"
      from (${lookedAt(`${walk.columns}, ${walk.id} as "idOfPage", ${walk.createdAt} as "createdAtOfPage"`, walk.join ?? '')}
      ) as ${walk.as}
      ${joins}
      where ${all(wanted)}
      order by ${walk.as}."idOfPage" desc
      limit :oneMore
    ) as page on true
    order by page."pageId" desc`;
  return {
    text,
    values: {
      ...values,
      beforeId,
      createdAfter,
      createdBefore,
      oneMore: limit + 1,
      mostLookedAt,
    },
  };
}

/** Conditions on an amount and its currency, by the names of their columns, for `amountValues`. */
export function amountConditions({ amounts }: AmountFilter, row: string): (string | undefined)[] {
  if (!amounts) return [];
  return [
    `${row}.currency = :currency`,
    amounts.leastMinor === null ? undefined : `${row}.amount >= :leastMinor`,
    amounts.mostMinor === null ? undefined : `${row}.amount <= :mostMinor`,
  ];
}

export function amountValues({ amounts }: AmountFilter) {
  return {
    currency: amounts?.currency ?? null,
    leastMinor: amounts?.leastMinor ?? null,
    mostMinor: amounts?.mostMinor ?? null,
  };
}

function all(conditions: readonly (string | undefined)[]): string {
  return ['true', ...conditions.filter((condition) => condition !== undefined)].join(' and ');
}
