import { useEffect, useState } from 'preact/hooks';

/** A place in the console, from the part of the address after #. */
export interface Route {
  /** `/payments/7` is ['payments', '7']. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

function readRoute(): Route {
  const [path = '', query = ''] = location.hash.slice(1).split('?');
  const parts = path.split('/').filter((part) => part !== '');
  return { path: parts.map(safeDecode), query: Object.fromEntries(new URLSearchParams(query)) };
}

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function navigate(to: string): void {
  location.hash = to;
}

/** Goes to a place; if it is already open, reloads it. */
export function goOrReload(to: string, reload: () => unknown): void {
  if (location.hash === `#${to}`) void reload();
  else navigate(to);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const change = () => setRoute(readRoute());
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return route;
}
