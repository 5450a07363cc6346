import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NamedHost } from './allowed-hosts.ts';
import { renderAllow } from './allowed-methods.ts';
import { findForeignPage } from './foreign-page.ts';
import { hardeningHeaders } from './hardening-headers.ts';
import { createHostJudge, type HostFault } from './judge-host.ts';

/** A handler that a router can call. */
type Guard = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

const HOST_FAULTS: Readonly<Record<HostFault, readonly [status: number, code: string, message: string]>> = {
  missing: [400, 'malformed_request', 'The Host header is missing.'],
  repeated: [400, 'malformed_request', 'The Host header is given more than once.'],
  foreign: [
    421,
    'host_not_allowed',
    'The Host header names neither this machine nor a host in API_ALLOWED_HOSTS.',
  ],
};

/**
 * The checks that the API makes before anything else, for servers without problem documents: the worker's metrics and health server, and
 * the stand-in gateway. Each refusal is JSON with `code` and `message`.
 */
export function createPlainGuards({
  allowedHosts,
  listenedOn,
}: {
  readonly allowedHosts: readonly NamedHost[];
  readonly listenedOn: string;
}) {
  const judgeHost = createHostJudge({ allowedHosts, listenedOn });

  const refuseForeignHosts: Guard = (request, response, next) => {
    const fault = judgeHost(request);
    if (fault) refuse(response, ...HOST_FAULTS[fault]);
    else next();
  };

  /** Guards requests that change something. */
  const refuseForeignPages: Guard = ({ headers }, response, next) => {
    const fetchSite = headers['sec-fetch-site'];
    const { host, origin } = headers;
    const why = findForeignPage(
      { fetchSite: Array.isArray(fetchSite) ? fetchSite[0] : fetchSite, host, origin },
      allowedHosts,
    );
    if (why === undefined) next();
    else refuse(response, 403, 'cross_site', `${why} Nothing was done.`);
  };

  /** Guards a path that supports only these methods. */
  const refuseMethod =
    (methods: readonly string[]): Guard =>
    ({ method }, response) => {
      response.setHeader('Allow', renderAllow(methods));
      refuse(response, 405, 'method_not_allowed', `This path does not support ${method}.`);
    };

  return {
    // Neither server is reached over TLS.
    harden: hardeningHeaders({ isProduction: false }) as Guard,
    refuseForeignHosts,
    refuseForeignPages,
    refuseMethod,
  };
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const text = JSON.stringify({ code, message });
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
