import { type NamedHost, parseHost } from '../../../http/allowed-hosts.ts';
import { findForeignPage } from '../../../http/foreign-page.ts';
import { isLoopbackAddress, isLoopbackHost } from '../../../http/loopback.ts';
import type { ProblemCode } from '../../problems/problem-catalogue.ts';
import type { Principal } from './principal.ts';

/** What is known about a request before any of it is trusted. Headers can only count against it. */
export interface Caller {
  /** The address at the other end of the socket. */
  readonly remoteAddress: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** The Sec-Fetch-Site header: what a browser says about the page that sent the request. */
  readonly fetchSite: string | undefined;
  /** Whether a proxy says that it forwarded the request. */
  readonly isForwarded: boolean;
  /** `none`: no token came with the request. */
  readonly token: 'none' | 'right' | 'wrong';
}

export interface Refusal {
  readonly code: Extract<
    ProblemCode,
    'operator-loopback-only' | 'operator-token-required' | 'operator-cross-site' | 'operator-port-only'
  >;
  readonly detail: string;
}

/**
 * What a listener is for: `everybody` if there is only one; otherwise `operators` for the operators' own listener and `clients` for the
 * other.
 */
export type Door = 'everybody' | 'clients' | 'operators';

export interface OperatorPolicy {
  readonly door: Door;
  readonly isTokenSet: boolean;
  /** Hosts that may serve our own pages, besides the host that the request names. */
  readonly allowedHosts: readonly NamedHost[];
}

/**
 * Says why a request may not do what only operators may; undefined if it may. If a token is set, anyone who sends it is an operator, from
 * anywhere. If none is set, everyone on this machine is an operator. So is their browser, so pages of other sites must not act through it
 * (with a form that posts here, or a host name of theirs that resolves to 127.0.0.1).
 */
export function decideOperatorAccess(
  caller: Caller,
  { door, isTokenSet, allowedHosts }: OperatorPolicy,
): Refusal | undefined {
  if (door === 'clients')
    return {
      code: 'operator-port-only',
      detail: 'Operator requests are served only on OPERATOR_PORT. Nothing was done.',
    };
  const foreignPage = findForeignPage(caller, isTokenSet ? allowedHosts : []);
  if (foreignPage !== undefined) return crossSite(foreignPage);
  if (isTokenSet) {
    if (caller.token === 'right') return undefined;
    return {
      code: 'operator-token-required',
      detail: caller.token === 'wrong' ? 'The operator token is wrong.' : 'No operator token was sent.',
    };
  }
  if (!isLoopbackAddress(caller.remoteAddress ?? ''))
    return loopbackOnly('The request came from another machine.');
  if (caller.isForwarded) return loopbackOnly('A proxy forwarded the request for somebody else.');
  if (!isLoopbackHost(parseHost(caller.host ?? '')?.name ?? ''))
    return crossSite('The Host header does not name this machine, for example as localhost.');
  if (caller.origin !== undefined && caller.origin.toLowerCase() !== `http://${caller.host}`.toLowerCase())
    return crossSite('The Origin header names another site.');
  return undefined;
}

/** Who sent a request: an operator, with what proved it, or otherwise an anonymous client. */
export function decidePrincipal(caller: Caller, policy: OperatorPolicy): Principal {
  if (decideOperatorAccess(caller, policy)) return { kind: 'anonymous' };
  return { kind: policy.isTokenSet ? 'operator' : 'local' };
}

function crossSite(why: string): Refusal {
  return { code: 'operator-cross-site', detail: `${why} Nothing was done.` };
}

function loopbackOnly(why: string): Refusal {
  return {
    code: 'operator-loopback-only',
    detail: `${why} OPERATOR_TOKEN is not set, so the API serves operators only on its own machine. Nothing was done.`,
  };
}
