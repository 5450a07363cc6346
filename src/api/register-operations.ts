import type { Express, RequestHandler, Response } from 'express';
import { factsOf } from './observe-request.ts';
import type { Answer, Operation } from './operation.ts';
import { Problem } from './problem.ts';
import { validate } from './validate.ts';

/** Makes routes of operations; another method on one of their paths is answered with what is allowed there. */
export function registerOperations(app: Express, operations: readonly Operation[]): void {
  const methodsByPath = new Map<string, string[]>();
  for (const operation of operations) {
    const path = toExpressPath(operation.path);
    app[operation.method](path, handlerOf(operation));
    const known = methodsByPath.get(path) ?? [];
    methodsByPath.set(path, [...known, ...(operation.method === 'get' ? ['GET', 'HEAD'] : ['POST'])]);
  }
  for (const [path, methods] of methodsByPath) {
    app.all(path, (request) => {
      throw new Problem('method-not-allowed', {
        detail: `${request.method} is not allowed here.`,
        headers: { Allow: methods.join(', ') },
      });
    });
  }
}

function handlerOf(operation: Operation): RequestHandler {
  return async (request, response) => {
    const facts = factsOf(response);
    facts.route = operation.path;
    const answer = await operation.handle({
      params: operation.params && validate(operation.params, request.params, 'path'),
      query: operation.query && validate(operation.query, request.query, 'query'),
      body: operation.body && validate(operation.body, request.body ?? {}, 'body'),
      request,
    });
    if (answer.paymentId !== undefined) facts.paymentId = answer.paymentId;
    send(response, answer);
  };
}

function send(response: Response, { status, body, headers, mediaType = 'application/json' }: Answer): void {
  // A deadline may have answered before.
  if (response.headersSent) return;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    'Content-Type': `${mediaType}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

function toExpressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
