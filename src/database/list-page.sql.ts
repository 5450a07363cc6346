import type { Knex } from './database.ts';

/**
 * How many of the newest rows one page examines if it filters by something that no index covers. A page that finds too little says where to
 * continue, so a search for something rare takes more requests, but each request costs the same.
 */
const MOST_LOOKED_AT = 5000;

export interface PageQuery {
  readonly limit: number;
  /** Only rows with a smaller id: where the previous page ended. */
  readonly beforeId?: bigint | undefined;
}

/** A time range that includes its start and excludes its end. */
export interface CreatedFilter {
  readonly createdAfter?: string | undefined;
  readonly createdBefore?: string | undefined;
}

/** A range of amounts of one currency in minor units, including both bounds. */
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
  /** Where the next page begins; null if there is none. */
  readonly nextBeforeId: bigint | null;
}

/** Rows in descending order of an id, as an index returns them. */
export interface Walk {
  /** For example `payment_tasks as open`: the table with the id. */
  readonly from: string;
  readonly id: string;
  /** Conditions that the index of the walk covers, so that it skips nothing. */
  readonly where?: readonly (string | undefined)[];
  /** The rows themselves, if they are in another table: `join payments as payment on payment.id = open.payment_id`. */
  readonly join?: string;
  /** The alias of the walked rows in the rest of the statement, and the columns that it gets. */
  readonly as: string;
  readonly columns: string;
  readonly createdAt: string;
}

export interface PageParts {
  readonly query: PageQuery & CreatedFilter;
  readonly walk: Walk;
  /** The `select ...` over the walked rows and what is joined to them. */
  readonly select: string;
  readonly joins?: string;
  /** Conditions that no index covers. */
  readonly filters: readonly (string | undefined)[];
  readonly values: Readonly<Record<string, unknown>>;
  /** If little is read of each row, a page may examine more rows. */
  readonly mostLookedAt?: number;
}

/**
 * Reads a page, newest first. It may hold fewer rows than `limit`, even none, and still have a next page. One statement returns both the
 * rows that match and how far it looked, so that no row is lost between two pages.
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

/** Returns one row more than the page holds, if there is one, and how far it looked if it did not examine everything. */
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
  // Ids are assigned nearly in order of time: if all of this many rows are too old, so are all earlier ones.
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

/**
 * Conditions on an amount, as an expression, and on the currency of the row that it is of; the values come from `amountValues`.
 */
export function amountConditions(
  { amounts }: AmountFilter,
  { row, amount }: { readonly row: string; readonly amount: string },
): (string | undefined)[] {
  if (!amounts) return [];
  return [
    `${row}.currency = :currency`,
    amounts.leastMinor === null ? undefined : `${amount} >= :leastMinor`,
    amounts.mostMinor === null ? undefined : `${amount} <= :mostMinor`,
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
