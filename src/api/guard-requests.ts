import type { Request, RequestHandler } from 'express';
import { isAllowedHost, isOwnOrigin, parseHost } from '../shared/allowed-hosts.ts';
import type { Config } from '../shared/config.ts';
import { Problem } from './problem.ts';

type HostSettings = Pick<Config, 'api'>;
type AllowedHosts = Config['api']['allowedHosts'];

/** Pages of other sites, even of another port of this machine. `none` is an address that a person typed. */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Refuses a request that names no host, several, or one that is not ours: a page that lets a name of its own point to this
 * machine must not be answered here, whatever else a browser says of it.
 */
export function refuseForeignHosts({ api }: HostSettings): RequestHandler {
  const listenedOn = parseHost(api.host);
  const allowed = listenedOn ? [...api.allowedHosts, listenedOn] : api.allowedHosts;
  return (request, _response, next) => {
    next(judgeHost(request, allowed));
  };
}

function judgeHost(request: Request, allowed: AllowedHosts): Problem | undefined {
  const { host } = request.headers;
  // RFC 9112, 3.2: a server must answer such requests with 400.
  if (host === undefined)
    return request.httpVersion === '1.1' ? malformed('The header Host is missing.') : undefined;
  if (countHosts(request.rawHeaders) > 1) return malformed('The header Host is given more than once.');
  const { localAddress } = request.socket;
  const isOurs = (text: string) => {
    const named = parseHost(text);
    return named !== undefined && isAllowedHost(named, { allowed, localAddress });
  };
  if (isOurs(host) && isOurs(hostOfTarget(request.url) ?? host)) return undefined;
  return new Problem('host-not-allowed');
}

/** Of a name that is repeated Node keeps the first and drops the others without a word. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') count += 1;
  return count;
}

/** The host of a target in absolute form, which counts more than the header (RFC 9112, 3.2.2). */
function hostOfTarget(url: string): string | undefined {
  if (url.startsWith('/') || !URL.canParse(url)) return undefined;
  return new URL(url).host;
}

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
  allowed: AllowedHosts,
): string | undefined {
  if (fetchSite !== undefined && !OWN_SITES.has(fetchSite))
    return 'The request was sent by a page of another site.';
  if (origin !== undefined && !isOwnOrigin(origin, { host, allowed }))
    return 'The header Origin names another site.';
  return undefined;
}

/** Refuses what would change something when a page of another site has a browser send it. */
export function refuseForeignPages({ api }: HostSettings): RequestHandler {
  return (request, _response, next) => {
    const { host, origin } = request.headers;
    const why = findForeignPage({ fetchSite: request.get('sec-fetch-site'), origin, host }, api.allowedHosts);
    next(why === undefined ? undefined : new Problem('cross-site', { detail: `${why} Nothing was done.` }));
  };
}

function malformed(detail: string): Problem {
  return new Problem('malformed-request', { detail });
}
