import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

/** Answers a method that a path does not have with those that it has. Where there is GET there is HEAD. */
export function refuseMethod(methods: readonly string[]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return (request) => {
    throw new Problem('method-not-allowed', {
      detail: `${request.method} is not allowed here.`,
      headers: { Allow: allowed.join(', ') },
    });
  };
}
