import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from '../shared/logging.ts';
import type { ApiMetrics } from './api-metrics.ts';

const SANE_REQUEST_ID = /^[\w.:-]{1,100}$/;
const UNMATCHED = 'unmatched';

/** What is known of a request by the time it is answered. */
export interface RequestFacts {
  requestId: string;
  /** The pattern of its path. */
  route: string;
  paymentId?: bigint;
  error?: unknown;
}

export function factsOf(response: Response): RequestFacts {
  return response.locals as RequestFacts;
}

/** Gives each request an id, and counts and logs it once when it has been answered. */
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
    response.setHeader('X-Request-Id', facts.requestId);
    response.once('close', () => report(request, response, performance.now() - startedAt));
    next();
  };

  function report(request: Request, response: Response, durationMs: number): void {
    const { route, requestId, paymentId, error } = factsOf(response);
    const { method } = request;
    // A client that hung up got no status; 499 is what web servers write for that.
    const status = response.writableFinished ? response.statusCode : 499;
    metrics.requests.inc({ method, route, status });
    metrics.requestDuration.observe({ method, route }, durationMs / 1000);
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
