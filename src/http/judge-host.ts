import type { IncomingMessage } from 'node:http';
import { isAllowedHost, type NamedHost, parseHost } from './allowed-hosts.ts';

/** What is wrong with the host that a request names. */
export type HostFault = 'missing' | 'repeated' | 'foreign';

/**
 * Checks that a request names exactly one host, and one that is ours: a page that points its own name to this machine must not be answered,
 * whatever else the browser says about it.
 * @param listenedOn the host that the server is configured to listen on, which requests may also name.
 */
export function createHostJudge({
  allowedHosts,
  listenedOn,
}: {
  readonly allowedHosts: readonly NamedHost[];
  readonly listenedOn: string;
}): (request: IncomingMessage) => HostFault | undefined {
  const own = parseHost(listenedOn);
  const allowed = own ? [...allowedHosts, own] : allowedHosts;
  return (request) => {
    const { host } = request.headers;
    // RFC 9112, 3.2: a server must answer such requests with 400.
    if (host === undefined) return request.httpVersion === '1.1' ? 'missing' : undefined;
    if (countHosts(request.rawHeaders) > 1) return 'repeated';
    const { localAddress } = request.socket;
    const isOurs = (text: string) => {
      const named = parseHost(text);
      return named !== undefined && isAllowedHost(named, { allowed, localAddress });
    };
    return isOurs(host) && isOurs(hostOfTarget(request.url ?? '/') ?? host) ? undefined : 'foreign';
  };
}

/** If a header is repeated, Node keeps the first and silently drops the others. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') count += 1;
  return count;
}

/** The host of a request target in absolute form, which takes precedence over the header (RFC 9112, 3.2.2). */
function hostOfTarget(url: string): string | undefined {
  if (url.startsWith('/') || !URL.canParse(url)) return undefined;
  return new URL(url).host;
}
