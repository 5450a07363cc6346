import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../api-context.ts';
import { factsOf } from '../observe-request.ts';
import { type Caller, type Door, decideOperatorAccess, decidePrincipal } from './decide-operator-access.ts';
import { isForwarded } from './forwarding-headers.ts';
import type { Principal } from './principal.ts';

export interface OperatorGuard {
  /** Says why a request may not do what only operators may; undefined if it may. Logs each refusal. */
  readonly refuse: (request: Request, response: Response) => Problem | undefined;
  /** Refuses anyone who is not an operator with a Problem, before any of the body is read. */
  readonly requireOperator: RequestHandler;
  /** Who sent a request; anyone who would be refused as an operator is an anonymous client. */
  readonly principalOf: (request: Request) => Principal;
}

/** Guards everything that only operators may do. */
export function createOperatorGuard(
  { config, log }: Pick<ApiContext, 'config' | 'log'>,
  { door, readCaller = callerOf }: { readonly door: Door; readonly readCaller?: typeof callerOf },
): OperatorGuard {
  const token = config.operators.token;
  const expected = token === undefined ? undefined : digest(token);
  const policy = { door, isTokenSet: expected !== undefined, allowedHosts: config.api.allowedHosts };

  function refuse(request: Request, response: Response): Problem | undefined {
    const refusal = decideOperatorAccess(readCaller(request, expected), policy);
    if (!refusal) return undefined;
    const { code, detail } = refusal;
    log.warn({
      event: 'operator.refused',
      code,
      route: factsOf(response).route,
      remote_address: request.socket.remoteAddress,
    });
    const headers = code === 'operator-token-required' ? { 'WWW-Authenticate': 'Bearer' } : {};
    return new Problem(code, { detail, headers });
  }

  return {
    refuse,
    requireOperator: (request, response, next) => next(refuse(request, response)),
    principalOf: (request) => decidePrincipal(readCaller(request, expected), policy),
  };
}

/**
 * Guards the console's own files. They contain no secret and do nothing by themselves, so if a token is set, anyone may load the page that
 * asks for it, and other sites (a dashboard, a run-book) may link to it.
 */
export function requireConsoleVisitor(
  context: Pick<ApiContext, 'config' | 'log'>,
  { door }: { readonly door: Door },
): RequestHandler {
  if (context.config.operators.token !== undefined) return (_request, _response, next) => next();
  const guard = createOperatorGuard(context, {
    door,
    readCaller(request, expected) {
      const caller = callerOf(request, expected);
      return request.get('sec-fetch-mode') === 'navigate' ? { ...caller, fetchSite: undefined } : caller;
    },
  });
  return guard.requireOperator;
}

function callerOf(request: Request, expected: Buffer | undefined): Caller {
  const { headers, socket } = request;
  return {
    remoteAddress: socket.remoteAddress,
    host: headers.host,
    origin: headers.origin,
    fetchSite: request.get('sec-fetch-site'),
    isForwarded: isForwarded(headers),
    token: judgeToken(headers.authorization, expected),
  };
}

/** Digests have a fixed length, so that the comparison takes the same time for every guess. */
function judgeToken(authorization: string | undefined, expected: Buffer | undefined): Caller['token'] {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (given === undefined || expected === undefined) return 'none';
  return timingSafeEqual(digest(given), expected) ? 'right' : 'wrong';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
