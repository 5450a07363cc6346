import { type NamedHost, parseHost } from '../../../http/allowed-hosts.ts';
import { findForeignPage } from '../../../http/foreign-page.ts';
import { isLoopbackAddress, isLoopbackHost } from '../../../http/loopback.ts';
import type { ProblemCode } from '../../problems/problem-catalogue.ts';
import type { Principal } from './principal.ts';

/** What is known of a request before anything of it is believed. Headers can only speak against it. */
export interface Caller {
  /** The address at the other end of the socket. */
  readonly remoteAddress: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** What a browser says about the page that a request comes from. */
  readonly fetchSite: string | undefined;
  /** Whether a proxy says that it passed the request on. */
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
 * What a listener is for: `clients` where operators have one of their own, `operators` for that one, and `everybody` where
 * there is only one.
 */
export type Door = 'everybody' | 'clients' | 'operators';

export interface OperatorPolicy {
  readonly door: Door;
  readonly isTokenSet: boolean;
  /** Names that pages of ours may have, beside the host that the request names. */
  readonly allowedHosts: readonly NamedHost[];
}

/**
 * Says why a request may not do what operators do; undefined when it may.
 * With a token set, whoever has it is an operator, wherever they are. Without one, whoever is on this machine is; their
 * browser is too, so a page of another site must not speak through it (a form that posts here, or a name of its own that
 * it lets point to 127.0.0.1).
 */
export function decideOperatorAccess(
  caller: Caller,
  { door, isTokenSet, allowedHosts }: OperatorPolicy,
): Refusal | undefined {
  if (door === 'clients')
    return {
      code: 'operator-port-only',
      detail: 'Operators have a listener of their own, at OPERATOR_PORT. Nothing was done.',
    };
  const foreignPage = findForeignPage(caller, isTokenSet ? allowedHosts : []);
  if (foreignPage !== undefined) return crossSite(foreignPage);
  if (isTokenSet) {
    if (caller.token === 'right') return undefined;
    return {
      code: 'operator-token-required',
      detail: caller.token === 'wrong' ? 'The operator token does not fit.' : 'No operator token was sent.',
    };
  }
  if (!isLoopbackAddress(caller.remoteAddress ?? ''))
    return loopbackOnly('The request came from another machine.');
  if (caller.isForwarded) return loopbackOnly('A proxy passed the request on for somebody else.');
  if (!isLoopbackHost(parseHost(caller.host ?? '')?.name ?? ''))
    return crossSite('The header Host names something other than this machine, such as localhost.');
  if (caller.origin !== undefined && caller.origin.toLowerCase() !== `http://${caller.host}`.toLowerCase())
    return crossSite('The header Origin names another site.');
  return undefined;
}

/** Who sends a request: an operator by what made them one, and otherwise nobody in particular. */
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
    detail: `${why} Without OPERATOR_TOKEN, operators are answered on the machine of the API only. Nothing was done.`,
  };
}
