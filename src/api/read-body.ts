import express, { type RequestHandler } from 'express';
import { keepNumbersExact } from './exact-number.ts';
import { Problem } from './problem.ts';

/**
 * Reads the JSON body of a request. A body of another media type is refused rather than ignored: a payment whose body
 * nobody read must not look like one without a body.
 */
export function readBody(limitBytes: number): RequestHandler[] {
  const refuseOtherTypes: RequestHandler = (request, _response, next) => {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined ||
      Number(request.headers['content-length'] ?? 0) > 0;
    if (!hasBody || request.is('application/json')) next();
    else
      next(
        new Problem('unsupported-media-type', {
          errors: [{ field: 'Content-Type', message: 'must be application/json' }],
        }),
      );
  };
  const parse = express.json({ limit: limitBytes, strict: false, inflate: false, reviver: keepNumbersExact });
  return [refuseOtherTypes, parse];
}
