import type { RequestListener } from 'node:http';
import type { Express, Request, Response } from 'express';
import { Problem } from '../problems/problem.ts';
import type { ApiContext } from './api-context.ts';
import { answerWithProblem } from './create-app.ts';
import { observeRequests } from './observe-request.ts';

/**
 * Serves the app, and answers for Express where it gives up before any handler runs: at a target that it cannot parse, such as `http://[/`.
 */
export function createListener(app: Express, context: ApiContext): RequestListener {
  const observe = observeRequests(context);
  const answer = answerWithProblem(context);
  const malformed = new Problem('malformed-request', {
    detail: 'The request target is malformed.',
    errors: [{ field: 'path', message: 'must be a valid path or URL' }],
  });
  return (incoming, outgoing) => {
    // Express sets these before it gives up.
    const request = incoming as Request;
    const response = outgoing as Response;
    const giveUp = () => {
      observe(request, response, () => answer(malformed, request, response, giveUp));
    };
    app(request, response, giveUp);
  };
}
