import { z } from 'zod';
import type { Answer, DescribedHeader } from './operation.ts';

/** A place in a list as an opaque text: the id of the last item of a page. */
function encodeCursor(id: bigint): string {
  return Buffer.from(`p${id}`).toString('base64url');
}

export const cursorField = z
  .string()
  .max(64, 'is not a cursor of this list')
  .transform((text, context) => {
    const match = /^p([1-9]\d{0,15})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
    if (match?.[1]) return BigInt(match[1]);
    context.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
    return z.NEVER;
  })
  .meta({ override: { type: 'string' } });

/** The header that names the next page of the list at `path`. */
export function nextPageHeader(path: string): DescribedHeader {
  return {
    description: 'The address of the next page, if there is one.',
    example: `<${path}?cursor=cDE>; rel="next"`,
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
