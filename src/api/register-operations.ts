import type { Express, Request, RequestHandler, Response } from 'express';
import { factsOf } from './observe-request.ts';
import type { Answer, Operation } from './operation.ts';
import { Problem } from './problem.ts';
import { parseBytes } from './read-body.ts';
import { validate } from './validate.ts';

/**
 * Makes routes of operations; another method on one of their paths is answered with what is allowed there.
 * Each path is finished before the next, so that one which a later pattern would match too answers for itself:
 * `GET /payments/deposit` is a method that is not allowed, not a payment with an odd id.
 */
export function registerOperations(
  app: Express,
  operations: readonly Operation[],
  {
    requireOperator,
    readBody,
    readRawBody,
    refuseMoney,
  }: {
    /** Refuses whoever is no operator. */
    readonly requireOperator: RequestHandler;
    readonly readBody: RequestHandler;
    readonly readRawBody: RequestHandler;
    /** Throws while no money may be moved. */
    readonly refuseMoney: () => void;
  },
): void {
  for (const [path, operationsOfPath] of Map.groupBy(operations, (operation) => operation.path)) {
    const route = app.route(toExpressPath(path));
    route.all(noteRoute(path));
    for (const operation of operationsOfPath) {
      const read = operation.checkRawBody ? readRawBody : readBody;
      route[operation.method](
        ...(operation.forOperators ? [requireOperator] : []),
        ...(operation.body ? [read] : []),
        handlerOf(operation, refuseMoney),
      );
    }
    route.all(refuseMethod(operationsOfPath));
  }
}

function noteRoute(path: string): RequestHandler {
  return (_request, response, next) => {
    factsOf(response).route = path;
    next();
  };
}

function handlerOf(operation: Operation, refuseMoney: () => void): RequestHandler {
  return async (request, response) => {
    // A request that was given up before its body had come must not be carried out after all.
    if (response.headersSent) return;
    const { body, rawBody } = bodyOf(operation, request);
    const input = {
      params: operation.params && validate(operation.params, request.params, 'path'),
      query: operation.query && validate(operation.query, request.query, 'query'),
      body: operation.body && validate(operation.body, body, 'body'),
      rawBody,
      request,
    };
    if (operation.movesMoney) refuseMoney();
    const answer = await operation.handle(input);
    if (answer.paymentId !== undefined) factsOf(response).paymentId = answer.paymentId;
    send(response, answer);
  };
}

function bodyOf({ checkRawBody }: Operation, request: Request): { body: unknown; rawBody: string } {
  if (!checkRawBody) return { body: request.body ?? {}, rawBody: '' };
  const bytes: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  checkRawBody(bytes, request);
  return { body: parseBytes(bytes) ?? {}, rawBody: bytes.toString('utf8') };
}

function refuseMethod(operations: readonly Operation[]): RequestHandler {
  const allowed = operations.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : ['POST']));
  return (request) => {
    throw new Problem('method-not-allowed', {
      detail: `${request.method} is not allowed here.`,
      headers: { Allow: allowed.join(', ') },
    });
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
