import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { ApiContext } from './api-context.ts';
import { type Caller, decideOperatorAccess } from './decide-operator-access.ts';
import { factsOf } from './observe-request.ts';
import { Problem } from './problem.ts';

const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/**
 * The guard of everything that is for operators; it looks before any of the body is read.
 * The handler passes a Problem on for whoever is none.
 */
export function requireOperator(
  { config, log }: Pick<ApiContext, 'config' | 'log'>,
  { readCaller = callerOf }: { readonly readCaller?: typeof callerOf } = {},
): RequestHandler {
  const token = config.OPERATOR_TOKEN;
  const expected = token === undefined ? undefined : digest(token);
  return (request, response, next) => {
    const refusal = decideOperatorAccess(readCaller(request, expected), {
      isTokenSet: expected !== undefined,
    });
    if (!refusal) {
      next();
      return;
    }
    const { code, detail } = refusal;
    log.warn({
      event: 'operator.refused',
      code,
      route: factsOf(response).route,
      remote_address: request.socket.remoteAddress,
    });
    const headers = code === 'operator-token-required' ? { 'WWW-Authenticate': 'Bearer' } : {};
    next(new Problem(code, { detail, headers }));
  };
}

/**
 * The guard of the console's own files. They hold no secret and do nothing by themselves, so with a token set anybody may
 * load the page that asks for it, and a link on another site (a dashboard, a run-book) may lead to it.
 */
export function requireConsoleVisitor(context: Pick<ApiContext, 'config' | 'log'>): RequestHandler {
  if (context.config.OPERATOR_TOKEN !== undefined) return (_request, _response, next) => next();
  return requireOperator(context, {
    readCaller(request, expected) {
      const caller = callerOf(request, expected);
      return request.get('sec-fetch-mode') === 'navigate' ? { ...caller, fetchSite: undefined } : caller;
    },
  });
}

function callerOf(request: Request, expected: Buffer | undefined): Caller {
  const { headers, socket } = request;
  return {
    remoteAddress: socket.remoteAddress,
    host: headers.host,
    origin: headers.origin,
    fetchSite: request.get('sec-fetch-site'),
    isForwarded: FORWARDING_HEADERS.some((name) => headers[name] !== undefined),
    token: judgeToken(headers.authorization, expected),
  };
}

/** Digests have one length, so that the comparison takes as long for any guess. */
function judgeToken(authorization: string | undefined, expected: Buffer | undefined): Caller['token'] {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (given === undefined || expected === undefined) return 'none';
  return timingSafeEqual(digest(given), expected) ? 'right' : 'wrong';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
