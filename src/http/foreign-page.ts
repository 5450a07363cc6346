import { isOwnOrigin, type NamedHost } from './allowed-hosts.ts';

/** Pages of other sites, even of another port of this machine. `none` is an address that a person typed. */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/** Why a request is taken for one that a page of another site had a browser send; undefined when it is not. */
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
  if (fetchSite !== undefined && !OWN_SITES.has(fetchSite))
    return 'The request was sent by a page of another site.';
  if (origin !== undefined && !isOwnOrigin(origin, { host, allowed }))
    return 'The header Origin names another site.';
  return undefined;
}
