import { isLoopbackAddress, isLoopbackHost } from '../shared/loopback.ts';
import type { ProblemCode } from './problem-catalogue.ts';

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
    'operator-loopback-only' | 'operator-token-required' | 'operator-cross-site'
  >;
  readonly detail: string;
}

/** Pages of other sites, even of another port of this machine. `none` is an address that a person typed. */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Says why a request may not do what operators do; undefined when it may.
 * With a token set, whoever has it is an operator, wherever they are. Without one, whoever is on this machine is; their
 * browser is too, so a page of another site must not speak through it (a form that posts here, or a name of its own that
 * it lets point to 127.0.0.1).
 */
export function decideOperatorAccess(
  caller: Caller,
  { isTokenSet }: { readonly isTokenSet: boolean },
): Refusal | undefined {
  if (caller.fetchSite !== undefined && !OWN_SITES.has(caller.fetchSite))
    return crossSite('The request was sent by a page of another site.');
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
  if (!isLoopbackHost(hostNameOf(caller.host)))
    return crossSite('The header Host names something other than this machine, such as localhost.');
  if (caller.origin !== undefined && caller.origin.toLowerCase() !== `http://${caller.host}`.toLowerCase())
    return crossSite('The header Origin names another site.');
  return undefined;
}

function hostNameOf(host = ''): string {
  return host.replace(/:\d+$/, '');
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
