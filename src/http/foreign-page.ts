import { isOwnOrigin, type NamedHost } from './allowed-hosts.ts';

/** Sec-Fetch-Site values of pages of other sites, even on another port of this machine. `none` means that a person typed the URL. */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/** Why a request looks as if a browser sent it for a page of another site; undefined if it does not. */
export function findForeignPage(
  {
    fetchSite,
    origin,
    host,
  }: {
    readonly fetchSite: string | undefined;
    readonly origin: string | undefined;
    readonly host: string | undefined;
  },
  allowed: readonly NamedHost[],
): string | undefined {
  if (fetchSite !== undefined && !OWN_SITES.has(fetchSite)) return 'A page of another site sent the request.';
  if (origin !== undefined && !isOwnOrigin(origin, { host, allowed }))
    return 'The Origin header names another site.';
  return undefined;
}
