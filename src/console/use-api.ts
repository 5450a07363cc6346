import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type CallError, call, queryOf, toCallError } from './api.ts';

const RETRY_MS = 3000;

export interface Answered<Body> {
  /** The last answer; it stays while the next one is loading, and if that fails. */
  readonly data: Body | undefined;
  readonly error: CallError | undefined;
  readonly reload: () => Promise<void>;
}

interface Options<Body> {
  readonly everyMs?: number;
  readonly onData?: (data: Body) => void;
}

/**
 * Reads from the API now and, if `everyMs` is given, repeatedly while the tab is visible. A read that failed because the API or its
 * database was unavailable is retried automatically.
 * @param path undefined to read nothing.
 */
export function useApi<Body>(path: string | undefined, options: Options<Body> = {}): Answered<Body> {
  return useRead<Body>(path, () => call<Body>('GET', path as string), options);
}

/**
 * The same for reads that need more than one request. Only one read runs at a time, and an answer that was overtaken by a later one is
 * thrown away.
 * @param name identifies what is read; a new name starts from scratch.
 */
function useRead<Body>(
  name: string | undefined,
  read: () => Promise<Body>,
  { everyMs, onData }: Options<Body>,
): Answered<Body> & { readonly set: (data: Body) => void } {
  const [answer, setAnswer] = useState<{ data?: Body; error?: CallError; name?: string }>({});
  const latest = useRef({ name, read, onData });
  latest.current = { name, read, onData };
  const questions = useRef({ asked: 0, answered: 0, underWay: 0 });

  const reload = useCallback(async () => {
    if (name === undefined) return;
    const { current } = questions;
    current.asked += 1;
    current.underWay += 1;
    const number = current.asked;
    const isLate = () => latest.current.name !== name || number < current.answered;
    try {
      const data = await latest.current.read();
      if (isLate()) return;
      current.answered = number;
      latest.current.onData?.(data);
      setAnswer({ data, name });
    } catch (error) {
      if (isLate()) return;
      current.answered = number;
      setAnswer((before) => ({ ...(before.name === name ? before : { name }), error: toCallError(error) }));
    } finally {
      current.underWay -= 1;
    }
  }, [name]);

  const set = (data: Body) => {
    questions.current.asked += 1;
    questions.current.answered = questions.current.asked;
    setAnswer({ data, ...(name === undefined ? {} : { name }) });
  };

  const isOfName = answer.name === name;
  const isPassing = isOfName && answer.error?.mayPass === true;
  const againMs = everyMs ?? (isPassing ? RETRY_MS : undefined);
  useEffect(() => void reload(), [reload]);
  useEffect(() => {
    if (againMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden && questions.current.underWay === 0) void reload();
    }, againMs);
    return () => clearInterval(timer);
  }, [reload, againMs]);

  return {
    data: isOfName ? answer.data : undefined,
    error: isOfName ? answer.error : undefined,
    reload,
    set,
  };
}

/** Reads again when a value shown elsewhere on the page has changed, so that the page does not contradict itself. */
export function useReloadWith(value: string | number | undefined, reload: () => Promise<void>): void {
  const known = useRef(value);
  useEffect(() => {
    const before = known.current;
    known.current = value ?? before;
    if (before !== undefined && value !== undefined && value !== before) void reload();
  }, [value]);
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor?: string | null;
}

const PAGE_SIZE = 50;

/** Reads a list page by page; `more` is defined while there are more pages. Reloading reads all pages that are shown. */
export function useList<Item>(
  path: string | undefined,
  query: Record<string, string | number | undefined> = {},
) {
  const placeOf = (cursor?: string | null) => path + queryOf({ ...query, limit: PAGE_SIZE, cursor });
  const first = path === undefined ? undefined : placeOf();
  const shown = useRef({ first, pageCount: 1 });
  if (shown.current.first !== first) shown.current = { first, pageCount: 1 };

  async function readPages(): Promise<readonly Page<Item>[]> {
    const { current } = shown;
    const pages: Page<Item>[] = [];
    do {
      const cursor = pages.at(-1)?.next_cursor;
      pages.push(await call<Page<Item>>('GET', placeOf(cursor)));
    } while (pages.length < current.pageCount && pages.at(-1)?.next_cursor);
    return pages;
  }
  const { data, error, reload, set } = useRead(first, readPages, {});
  const latest = useRef(data);
  latest.current = data;
  const next = data?.at(-1)?.next_cursor;

  async function readMore(): Promise<void> {
    if (!data || !next) return;
    const page = await call<Page<Item>>('GET', placeOf(next)).catch(() => undefined);
    if (shown.current.first !== first) return;
    shown.current.pageCount = data.length + 1;
    // A retry reads the earlier pages too, since they may have been reloaded in the meantime.
    if (page && latest.current === data) set([...data, page]);
    else await reload();
  }

  return {
    items: data?.flatMap((page) => page.items),
    error,
    reload,
    ...(next ? { more: readMore } : {}),
  };
}
