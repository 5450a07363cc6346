import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from '../../telemetry/logging.ts';
import type { ApiMetrics } from './api-metrics.ts';

const SANE_REQUEST_ID = /^[\w.:-]{1,100}$/;
const UNMATCHED = 'unmatched';
const OTHER_METHOD = 'other';

/** What is known about a request when it is answered. */
export interface RequestFacts {
  requestId: string;
  /** The pattern of its path. */
  route: string;
  /** The method in metrics: one that the route supports, or `other`. */
  countedMethod: string;
  paymentId?: bigint;
  /** Its answer is a stream, which goes on for as long as somebody listens. */
  isStream?: boolean;
  error?: unknown;
}

export function factsOf(response: Response): RequestFacts {
  return response.locals as RequestFacts;
}

/**
 * Records which route a request reached, for metrics. Clients choose methods and paths freely, and a series once created stays, so only
 * methods that the route supports are counted by name. HEAD counts as GET, because it does the same work.
 */
export function noteRoute(
  request: Request,
  response: Response,
  { route, methods }: { readonly route: string; readonly methods: readonly string[] },
): void {
  const facts = factsOf(response);
  facts.route = route;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (methods.includes(method)) facts.countedMethod = method;
}

/** Gives each request an id, and counts and logs it once it has been answered. */
export function observeRequests({
  log,
  metrics,
}: {
  readonly log: Logger;
  readonly metrics: ApiMetrics;
}): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const given = request.get('x-request-id');
    const facts = factsOf(response);
    facts.requestId = given !== undefined && SANE_REQUEST_ID.test(given) ? given : randomUUID();
    facts.route = UNMATCHED;
    facts.countedMethod = OTHER_METHOD;
    response.setHeader('X-Request-Id', facts.requestId);
    response.once('close', () => report(request, response, performance.now() - startedAt));
    next();
  };

  function report(request: Request, response: Response, durationMs: number): void {
    const { route, requestId, paymentId, error, countedMethod } = factsOf(response);
    const { method } = request;
    // A client that disconnected got no status; 499 is what web servers log for that.
    const status = response.writableFinished ? response.statusCode : 499;
    metrics.requests.inc({ method: countedMethod, route, status });
    // Requests that reached no operation say nothing about how long operations take.
    if (countedMethod !== OTHER_METHOD)
      metrics.requestDuration.observe({ method: countedMethod, route }, durationMs / 1000);
    const entry = {
      event: 'http.request',
      request_id: requestId,
      method,
      route,
      status,
      duration_ms: Math.round(durationMs * 10) / 10,
      payment_id: paymentId?.toString(),
    };
    if (status >= 500) log.error({ ...entry, error });
    else log.info(entry);
  }
}
