import type { Request, RequestHandler } from 'express';
import { PROBLEM_MEDIA_TYPE, Problem } from '../../problems/problem.ts';
import { admitsJson } from './admits-json.ts';

const OFFERED = ['application/json', PROBLEM_MEDIA_TYPE];

/** The media type of server-sent events. */
export const EVENT_STREAM = 'text/event-stream';

/** The same for an operation that may stream. */
export const requireJsonOrStreamAdmitted: RequestHandler = (request, response, next) => {
  if (wantsStream(request)) next();
  else requireJsonAdmitted(request, response, next);
};

/** Whether a client would rather have a stream than JSON. */
export function wantsStream(request: Request): boolean {
  return request.method === 'GET' && request.accepts(['application/json', EVENT_STREAM]) === EVENT_STREAM;
}

/** Refuses a client that does not accept JSON before the body is read and before anything is done. */
export const requireJsonAdmitted: RequestHandler = (request, _response, next) => {
  if (admitsJson(request.headers.accept)) next();
  else
    next(
      new Problem('not-acceptable', {
        errors: [{ field: 'Accept', message: `must allow ${OFFERED.join(' or ')}` }],
        extensions: { offered: OFFERED },
      }),
    );
};
