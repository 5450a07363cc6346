import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type CallError, call, queryOf, toCallError } from './api.ts';

const RETRY_MS = 3000;

export interface Answered<Body> {
  /** What came last; it stays while the next is asked for, and when that fails. */
  readonly data: Body | undefined;
  readonly error: CallError | undefined;
  readonly reload: () => Promise<void>;
}

/**
 * Reads from the API now and, where `everyMs` is given, again and again while the tab is looked at. What could not be read
 * because the API or its database is away is read again by itself.
 * @param path undefined: nothing is read.
 */
export function useApi<Body>(
  path: string | undefined,
  { everyMs, onData }: { readonly everyMs?: number; readonly onData?: (data: Body) => void } = {},
): Answered<Body> {
  const [answer, setAnswer] = useState<{ data?: Body; error?: CallError; path?: string }>({});
  const heard = useRef(onData);
  heard.current = onData;
  const current = useRef(path);
  current.current = path;

  const reload = useCallback(async () => {
    if (path === undefined) return;
    try {
      const data = await call<Body>('GET', path);
      if (current.current !== path) return;
      heard.current?.(data);
      setAnswer({ data, path });
    } catch (error) {
      if (current.current === path)
        setAnswer((before) => ({ ...(before.path === path ? before : { path }), error: toCallError(error) }));
    }
  }, [path]);

  useEffect(() => {
    void reload();
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) void reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [reload, everyMs]);

  const isPassing = answer.path === path && answer.error?.mayPass === true;
  useEffect(() => {
    if (!isPassing || everyMs !== undefined) return undefined;
    const timer = setInterval(() => void reload(), RETRY_MS);
    return () => clearInterval(timer);
  }, [isPassing, reload, everyMs]);

  const isOfPath = answer.path === path;
  return {
    data: isOfPath ? answer.data : undefined,
    error: isOfPath ? answer.error : undefined,
    reload,
  };
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor?: string | null;
}

const PAGE_SIZE = 50;

/** Reads a list page by page; `more` is there while there is more. */
export function useList<Item>(
  path: string | undefined,
  query: Record<string, string | number | undefined> = {},
) {
  const first = path === undefined ? undefined : path + queryOf({ ...query, limit: PAGE_SIZE });
  const { data, error, reload } = useApi<Page<Item>>(first);
  const [further, setFurther] = useState<{ of?: Page<Item>; pages: Page<Item>[]; error?: CallError }>({
    pages: [],
  });
  const pages = data ? [data, ...(further.of === data ? further.pages : [])] : [];
  const last = pages.at(-1);

  async function readMore(): Promise<void> {
    if (!data || !last || path === undefined) return;
    try {
      const page = await call<Page<Item>>(
        'GET',
        path + queryOf({ ...query, limit: PAGE_SIZE, cursor: last.next_cursor }),
      );
      setFurther({ of: data, pages: [...pages.slice(1), page] });
    } catch (failure) {
      setFurther({ of: data, pages: pages.slice(1), error: toCallError(failure) });
    }
  }

  return {
    items: data ? pages.flatMap((page) => page.items) : undefined,
    error: error ?? (further.of === data ? further.error : undefined),
    reload,
    /** Whether only the newest are shown, so that reading them again takes nothing away. */
    isFirstPage: pages.length <= 1,
    ...(last?.next_cursor ? { more: readMore } : {}),
  };
}
