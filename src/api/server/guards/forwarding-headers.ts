import type { IncomingHttpHeaders } from 'node:http';

/** Headers that proxies, load balancers and CDNs add to requests that they forward, besides any `x-forwarded-...`. */
const FORWARDING_HEADERS: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-clientip',
  'x-remote-addr',
  'x-remote-ip',
  'x-originating-ip',
  'x-original-forwarded-for',
  'x-original-host',
  'x-original-url',
  'x-rewrite-url',
  'x-cluster-client-ip',
  'x-proxyuser-ip',
  'proxy-client-ip',
  'wl-proxy-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-ray',
  'cdn-loop',
  'fastly-client-ip',
  'fly-client-ip',
  'do-connecting-ip',
  'x-azure-clientip',
  'x-azure-fdid',
  'x-appengine-user-ip',
  'x-amzn-trace-id',
  'x-amz-cf-id',
  'x-nf-client-connection-ip',
  'x-vercel-forwarded-for',
  'x-envoy-external-address',
  'x-scheme',
]);

/** Whether any header, whatever its value, says that the request was forwarded. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => name.startsWith('x-forwarded') || FORWARDING_HEADERS.has(name));
}
