import type { RequestHandler } from 'express';
import { PROBLEM_MEDIA_TYPE, Problem } from '../../problems/problem.ts';
import { admitsJson } from './admits-json.ts';

const OFFERED = ['application/json', PROBLEM_MEDIA_TYPE];

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
