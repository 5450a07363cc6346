import { z } from 'zod';
import type { Answer, DescribedHeader } from './operation.ts';
import { describedAs } from './schemas/described-as.ts';

const CURSOR_PATTERN = '^p[1-9][0-9]{0,15}$';
const cursorText = new RegExp(CURSOR_PATTERN);

/** A place in a list as text that clients take as it is: the id of the last item of a page. */
function encodeCursor(id: bigint): string {
  return `p${id}`;
}

/** The parameter `cursor`, as the id after which a page begins. */
export const cursorField = z
  .string()
  .regex(cursorText, { error: 'is not a cursor of this list', abort: true })
  .transform((text) => BigInt(text.slice(1)))
  .meta(describedAs({ type: 'string', pattern: CURSOR_PATTERN }));

/** The member `next_cursor` of a page. */
export const nextCursorField = z
  .string()
  .nullable()
  .meta({
    ...describedAs({ type: ['string', 'null'], pattern: CURSOR_PATTERN } as never),
    description: 'Give it as `cursor` for the next page; null on the last one.',
  });

/** The header that names the next page of the list at `path`. */
export function nextPageHeader(path: string): DescribedHeader {
  return {
    description: 'The address of the next page, if there is one.',
    example: `<${path}?cursor=p51>; rel="next"`,
  };
}

/**
 * Answers with a page of a list.
 * @param found up to one item more than the page holds, which tells whether there is another.
 */
export function answerWithPage<Item>(
  found: readonly Item[],
  {
    limit,
    originalUrl,
    idOf,
    render,
  }: {
    readonly limit: number;
    readonly originalUrl: string;
    readonly idOf: (item: Item) => bigint;
    readonly render: (item: Item) => object;
  },
): Answer {
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return renderPage(page.map(render), { originalUrl, nextId: last ? idOf(last) : null });
}

/** Answers with a page of a list whose next page begins after `nextId`. */
export function renderPage(
  items: readonly object[],
  { originalUrl, nextId }: { readonly originalUrl: string; readonly nextId: bigint | null },
): Answer {
  const nextCursor = nextId === null ? null : encodeCursor(nextId);
  return {
    status: 200,
    body: { items, next_cursor: nextCursor },
    headers: nextCursor ? { Link: nextLink(originalUrl, nextCursor) } : {},
  };
}

/** Web Linking (RFC 8288): the same list from the cursor on. */
function nextLink(originalUrl: string, cursor: string): string {
  const url = new URL(originalUrl, 'http://localhost');
  url.searchParams.set('cursor', cursor);
  return `<${url.pathname}${url.search}>; rel="next"`;
}
