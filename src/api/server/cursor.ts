import { z } from 'zod';
import { cursorPattern, encodeCursor, type ListName, readCursor } from '../../database/list-cursor.ts';
import type { Page } from '../../database/list-page.sql.ts';
import { describedAs } from '../describe/described-as.ts';
import type { Answer, DescribedHeader } from './operation.ts';

/** The parameter `cursor` of a list: the page begins just below this id. */
export function cursorField(list: ListName) {
  return z
    .string()
    .transform((text, context) => {
      const beforeId = readCursor(list, text);
      if (typeof beforeId === 'bigint') return beforeId;
      context.addIssue({ code: 'custom', message: beforeId });
      return z.NEVER;
    })
    .meta({
      ...describedAs({ type: 'string', pattern: cursorPattern(list) }),
      description:
        'Where the page begins: the `next_cursor` of the previous page. Without it, the list begins with the newest entry.',
    });
}

/** The member `next_cursor` of a page. */
export function nextCursorField(list: ListName) {
  return z
    .string()
    .nullable()
    .meta({
      ...describedAs({ type: ['string', 'null'], pattern: cursorPattern(list) } as never),
      description: 'Send it as `cursor` to get the next page; null on the last page.',
    });
}

/** The Link header that names the next page of the list at `path`. */
export function nextPageHeader(path: string, list: ListName): DescribedHeader {
  return {
    description: 'The URL of the next page, if there is one.',
    example: `<${path}?cursor=${encodeCursor(list, 51n)}>; rel="next"`,
    isOptional: true,
  };
}

/** Answers with a page of a list. */
export function answerWithPage<Item>(
  page: Page<Item>,
  {
    list,
    originalUrl,
    render,
  }: {
    readonly list: ListName;
    readonly originalUrl: string;
    readonly render: (item: Item) => object;
  },
): Answer {
  const nextCursor = page.nextBeforeId === null ? null : encodeCursor(list, page.nextBeforeId);
  return {
    status: 200,
    body: { items: page.items.map(render), next_cursor: nextCursor },
    headers: nextCursor ? { Link: nextLink(originalUrl, nextCursor) } : {},
  };
}

/** Web Linking (RFC 8288): the same list from the cursor on. */
function nextLink(originalUrl: string, cursor: string): string {
  const url = new URL(originalUrl, 'http://localhost');
  url.searchParams.set('cursor', cursor);
  return `<${url.pathname}${url.search}>; rel="next"`;
}
