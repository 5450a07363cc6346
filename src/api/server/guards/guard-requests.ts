import type { RequestHandler } from 'express';
import { findForeignPage } from '../../../http/foreign-page.ts';
import { createHostJudge, type HostFault } from '../../../http/judge-host.ts';
import type { Config } from '../../../process/settings/config.ts';
import { Problem } from '../../problems/problem.ts';

type HostSettings = Pick<Config, 'api'>;

/** Refuses a request that names no host, several hosts, or a host that is not ours. */
export function refuseForeignHosts({ api }: HostSettings): RequestHandler {
  const judgeHost = createHostJudge({ allowedHosts: api.allowedHosts, listenedOn: api.host });
  return (request, _response, next) => {
    const fault = judgeHost(request);
    next(fault && problemOf(fault));
  };
}

function problemOf(fault: HostFault): Problem {
  if (fault === 'foreign') return new Problem('host-not-allowed');
  const detail =
    fault === 'missing' ? 'The Host header is missing.' : 'The Host header is given more than once.';
  return new Problem('malformed-request', { detail });
}

/** Refuses a request that would change something if a browser sent it for a page of another site. */
export function refuseForeignPages({ api }: HostSettings): RequestHandler {
  return (request, _response, next) => {
    const { host, origin } = request.headers;
    const why = findForeignPage({ fetchSite: request.get('sec-fetch-site'), origin, host }, api.allowedHosts);
    next(why === undefined ? undefined : new Problem('cross-site', { detail: `${why} Nothing was done.` }));
  };
}
