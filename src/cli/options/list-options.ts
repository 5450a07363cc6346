import { type Command, InvalidArgumentError } from 'commander';
import { encodeCursor, type ListName, readCursor } from '../../database/list-cursor.ts';
import type { AmountFilter, CreatedFilter, Page, PageQuery } from '../../database/list-page.sql.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { UsageError } from '../usage-error.ts';
import type { OutputOptions } from './operator-options.ts';
import { parseCount } from './parse-arguments.ts';
import { readAmount } from './read-amount.ts';

const MOST_LISTED = 10_000;
/** The page size; a longer list is read page by page. */
const PAGE = 500;

/** How much of a list to show, and from where. */
export interface PageOptions extends OutputOptions {
  readonly limit: number;
  readonly cursor?: string;
}

export interface ListOptions extends PageOptions {
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  readonly amountMin?: string;
  readonly amountMax?: string;
}

/** List options, named like the API's parameters. */
export function withList(command: Command): Command {
  return withPages(
    command
      .option('--created-after <time>', 'only entries of this time or later', parseTime)
      .option('--created-before <time>', 'only entries before this time', parseTime)
      .option('--amount-min <amount>', 'only this amount or more, in the default currency')
      .option('--amount-max <amount>', 'only this amount or less'),
  );
}

/** Options of a list that has filters of its own, and is narrowed by time as well. */
export function withTimes(command: Command): Command {
  return withPages(
    command
      .option('--created-after <time>', 'only entries of this time or later', parseTime)
      .option('--created-before <time>', 'only entries before this time', parseTime),
  );
}

/** Options of a list that has filters of its own. */
export function withPages(command: Command): Command {
  return command
    .option('--limit <n>', 'the most entries to show', parseCount({ least: 1, most: MOST_LISTED }), 50)
    .option('--cursor <cursor>', 'continue where the previous list ended');
}

/** A time on the command line, with its offset, as `parseTimestamp` writes it. */
export function parseTime(text: string): string {
  const time = parseTimestamp(text);
  if (time === undefined)
    throw new InvalidArgumentError('It must be a time with a UTC offset, such as 2026-01-01T12:00:00Z.');
  return time;
}

/** @throws UsageError if a range is empty or an amount is not valid.  */
export function toListFilter(options: ListOptions, currency: string): CreatedFilter & AmountFilter {
  const { createdAfter, createdBefore } = options;
  if (createdAfter !== undefined && createdBefore !== undefined && createdAfter >= createdBefore)
    throw new UsageError('--created-before must be later than --created-after.');
  const amountOf = (name: string, text: string | undefined) =>
    text === undefined ? null : readAmount(name, text, currency);
  const leastMinor = amountOf('--amount-min', options.amountMin);
  const mostMinor = amountOf('--amount-max', options.amountMax);
  if (leastMinor !== null && mostMinor !== null && leastMinor > mostMinor)
    throw new UsageError('--amount-max must not be less than --amount-min.');
  const amounts = leastMinor === null && mostMinor === null ? undefined : { currency, leastMinor, mostMinor };
  return { createdAfter, createdBefore, amounts };
}

/**
 * Reads as many entries as were asked for. A page of a filtered list may hold fewer than its limit, so this continues until it has enough
 * or the list ends.
 * @throws UsageError for a cursor that did not come from this list.
 */
export async function readList<Item>(
  { limit, cursor }: PageOptions,
  list: ListName,
  read: (place: PageQuery) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  let beforeId = cursor === undefined ? undefined : readPlace(list, cursor);
  const items: Item[] = [];
  for (;;) {
    const page = await read({ beforeId, limit: Math.min(limit - items.length, PAGE) });
    items.push(...page.items);
    if (page.nextBeforeId === null || items.length >= limit)
      return { items, nextBeforeId: page.nextBeforeId };
    beforeId = page.nextBeforeId;
  }
}

function readPlace(list: ListName, cursor: string): bigint {
  const beforeId = readCursor(list, cursor);
  if (typeof beforeId === 'string') throw new UsageError(`--cursor ${beforeId}.`);
  return beforeId;
}

/** Prints a list: one line of JSON, or a table and how to see more. */
export function printList<Item>(
  terminal: Terminal,
  page: Page<Item>,
  {
    list,
    json,
    render,
    toJson = (item) => item,
    none,
  }: {
    readonly list: ListName;
    readonly json: true | undefined;
    readonly render: (items: readonly Item[]) => string;
    readonly toJson?: (item: Item) => unknown;
    readonly none: string;
  },
): void {
  const nextCursor = page.nextBeforeId === null ? null : encodeCursor(list, page.nextBeforeId);
  if (json) {
    terminal.print(renderJson({ items: page.items.map(toJson), hasMore: nextCursor !== null, nextCursor }));
    return;
  }
  if (page.items.length === 0) terminal.print(none);
  else terminal.print(render(page.items));
  if (nextCursor !== null) terminal.print(`\nThere are more. To see them, add --cursor ${nextCursor}`);
}
