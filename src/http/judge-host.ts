import type { IncomingMessage } from 'node:http';
import { isAllowedHost, type NamedHost, parseHost } from './allowed-hosts.ts';

/** What is wrong with the host that a request names. */
export type HostFault = 'missing' | 'repeated' | 'foreign';

/**
 * Says whether a request names a host, one, and one that is ours: a page that lets a name of its own point to this machine must not
 * be answered here, whatever else a browser says of it.
 * @param listenedOn the setting that says where the server listens, which is a host that it may be asked under.
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
