import type { Express, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { Problem } from '../problems/problem.ts';
import { requireJsonAdmitted, requireJsonOrStreamAdmitted } from './content/negotiate.ts';
import { parseBytes } from './content/read-body.ts';
import { entityTagOf, isInHand, REVALIDATED } from './content/revalidate.ts';
import { validate } from './content/validate.ts';
import { explainFailure } from './explain-failure.ts';
import { accessOf, isForOperatorsAtTimes, isForOperatorsOnly } from './guards/access.ts';
import type { OperatorGuard } from './guards/require-operator.ts';
import { factsOf, noteRoute } from './observe-request.ts';
import type { Answer, Operation } from './operation.ts';
import { refuseMethod } from './refuse-method.ts';
import { sendStream } from './send-stream.ts';

/**
 * Registers a route for each operation. Any other method on one of their paths gets the list of supported methods. All methods of a path
 * are registered before the next path, so that a later pattern that also matches does not take over: `GET /payments/deposit` is a method
 * that is not supported, not a payment with an odd id.
 */
export function registerOperations(
  app: Express,
  operations: readonly Operation[],
  guards: OperationGuards,
): void {
  for (const [path, operationsOfPath] of inRoutingOrder(Map.groupBy(operations, ({ path }) => path))) {
    const route = app.route(toExpressPath(path));
    const shown = operationsOfPath.filter(
      (operation) => !(guards.hidesOperators && isForOperatorsOnly(operation)),
    );
    if (shown.length === 0) {
      route.all(refuseAsUnknown);
      continue;
    }
    const methods = shown.map(({ method }) => method.toUpperCase());
    route.all((request, response, next) => {
      noteRoute(request, response, { route: path, methods });
      next();
    });
    for (const operation of shown) {
      const read = operation.checkRawBody ? guards.readRawBody : guards.readBody;
      route[operation.method](
        ...(isForOperatorsOnly(operation) ? [guards.operators.requireOperator] : []),
        ...(operation.method === 'get' ? [] : [guards.refuseForeignPages]),
        ...admittersOf(operation),
        ...(operation.method === 'get' ? [] : [read]),
        handlerOf(operation, guards),
      );
    }
    route.all(refuseMethod(methods));
  }
}

/**
 * The order in which a request is held against the paths, one after the other: first the paths without parameters, which no other can stand for. Of
 * these and of the others, those of operations that move money come first, because nothing is asked for as often. No two paths with parameters
 * match the same request.
 */
function inRoutingOrder(byPath: ReadonlyMap<string, readonly Operation[]>) {
  const rankOf = ([path, operations]: readonly [string, readonly Operation[]]) => {
    const movesMoney = operations.some((operation) => operation.movesMoney);
    return (path.includes('{') ? 2 : 0) + (movesMoney ? 0 : 1);
  };
  return [...byPath].sort((one, other) => rankOf(one) - rankOf(other));
}

/** The checks between a request and an operation. */
export interface OperationGuards {
  readonly operators: OperatorGuard;
  /** Whether operator operations are hidden here, because operators have their own listener. */
  readonly hidesOperators: boolean;
  /** Refuses what a browser sends for a page of another site. */
  readonly refuseForeignPages: RequestHandler;
  readonly readBody: RequestHandler;
  readonly readRawBody: RequestHandler;
  /** Throws while no money may move, for an operation that moves some. */
  readonly refuseMoney: (operation: Operation, input: Parameters<Operation['handle']>[0]) => Promise<void>;
}

function handlerOf(operation: Operation, { operators, refuseMoney }: OperationGuards): RequestHandler {
  return async (request, response) => {
    // A request that timed out before its body arrived must not be carried out after all.
    if (response.headersSent) return;
    const { body, rawBody } = bodyOf(operation, request);
    const input = {
      params: operation.params && validate(operation.params, request.params, 'path'),
      query: readQuery(operation, request),
      body: operation.body && validate(operation.bodyFor?.(body) ?? operation.body, body, 'body'),
      rawBody,
      // Computed only on demand: most payments need no principal, and finding it reads all headers.
      get principal() {
        return operators.principalOf(request);
      },
      request,
    };
    // Operator-only operations were checked before their body was read.
    if (isForOperatorsAtTimes(operation) && accessOf(operation.access, input) === 'operator') {
      const refusal = operators.refuse(request, response);
      if (refusal) throw refusal;
    }
    if (operation.movesMoney) await refuseMoney(operation, input);
    const answer = await carryOut(operation, input);
    if (answer.paymentId !== undefined) factsOf(response).paymentId = answer.paymentId;
    const { stream } = answer;
    // The request may already have timed out and been answered.
    if (stream && !response.headersSent) await sendStream(response, { ...answer, stream });
    else send(response, operation.isPolled ? revalidated(request, answer) : answer);
  };
}

function admittersOf({ ignoresAccept, mayStream }: Operation): RequestHandler[] {
  if (ignoresAccept) return [];
  return [mayStream ? requireJsonOrStreamAdmitted : requireJsonAdmitted];
}

/** An endpoint without parameters refuses any, so that a client does not believe that they have an effect. */
function readQuery({ query, passesOverQuery }: Operation, request: Request): unknown {
  if (query) return validate(query, request.query, 'query');
  // Express parses the query each time that it is asked for.
  if (!passesOverQuery && request.url.includes('?')) validate(NO_PARAMETERS, request.query, 'query');
  return undefined;
}

const NO_PARAMETERS = z.strictObject({});

async function carryOut(operation: Operation, input: Parameters<Operation['handle']>[0]): Promise<Answer> {
  try {
    return await operation.handle(input);
  } catch (error) {
    throw explainFailure(error, operation);
  }
}

function bodyOf({ checkRawBody }: Operation, request: Request): { body: unknown; rawBody: string } {
  if (!checkRawBody) return { body: orEmpty(request.body), rawBody: '' };
  const bytes: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  checkRawBody(bytes, request);
  return { body: orEmpty(parseBytes(bytes)), rawBody: bytes.toString('utf8') };
}

/** A missing body counts as an empty object; `null` is a body and is not an object. */
function orEmpty(body: unknown): unknown {
  return body === undefined ? {} : body;
}

const refuseAsUnknown: RequestHandler = () => {
  throw new Problem('not-found');
};

/** The answer with its ETag; without its body if the client already has it. */
function revalidated(request: Request, answer: Answer): Answer {
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const entityTag = entityTagOf(body);
  const headers = { ...answer.headers, ETag: entityTag, 'Cache-Control': REVALIDATED };
  const status = isInHand(request.get('if-none-match'), entityTag) ? 304 : answer.status;
  return { ...answer, status, body, headers };
}

function send(response: Response, { status, body, headers, mediaType = 'application/json' }: Answer): void {
  // The request may already have timed out and been answered.
  if (response.headersSent) return;
  if (status === 304) {
    response.writeHead(status, { ...headers });
    response.end();
    return;
  }
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
