import type { Express, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { Problem } from '../problems/problem.ts';
import { requireJsonAdmitted } from './content/negotiate.ts';
import { parseBytes } from './content/read-body.ts';
import { entityTagOf, isInHand, REVALIDATED } from './content/revalidate.ts';
import { validate } from './content/validate.ts';
import { explainFailure } from './explain-failure.ts';
import { accessOf, isForOperatorsAtTimes, isForOperatorsOnly } from './guards/access.ts';
import type { OperatorGuard } from './guards/require-operator.ts';
import { factsOf, noteRoute } from './observe-request.ts';
import type { Answer, Operation } from './operation.ts';
import { refuseMethod } from './refuse-method.ts';

/**
 * Makes routes of operations; another method on one of their paths is answered with what is allowed there.
 * Each path is finished before the next, so that one which a later pattern would match too answers for itself:
 * `GET /payments/deposit` is a method that is not allowed, not a payment with an odd id.
 */
export function registerOperations(
  app: Express,
  operations: readonly Operation[],
  guards: OperationGuards,
): void {
  for (const [path, operationsOfPath] of Map.groupBy(operations, (operation) => operation.path)) {
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
        ...(operation.ignoresAccept ? [] : [requireJsonAdmitted]),
        ...(operation.method === 'get' ? [] : [read]),
        handlerOf(operation, guards),
      );
    }
    route.all(refuseMethod(methods));
  }
}

/** What stands between a request and an operation. */
export interface OperationGuards {
  readonly operators: OperatorGuard;
  /** Whether operations of operators are not to be found here, because they have a listener of their own. */
  readonly hidesOperators: boolean;
  /** Refuses what a page of another site sends through a browser. */
  readonly refuseForeignPages: RequestHandler;
  readonly readBody: RequestHandler;
  readonly readRawBody: RequestHandler;
  /** Throws while no money may be moved. */
  readonly refuseMoney: () => void;
}

function handlerOf(operation: Operation, { operators, refuseMoney }: OperationGuards): RequestHandler {
  return async (request, response) => {
    // A request that was given up before its body had come must not be carried out after all.
    if (response.headersSent) return;
    const { body, rawBody } = bodyOf(operation, request);
    const input = {
      params: operation.params && validate(operation.params, request.params, 'path'),
      query: readQuery(operation, request),
      body: operation.body && validate(operation.bodyFor?.(body) ?? operation.body, body, 'body'),
      rawBody,
      // Found out for those who ask: most payments are nobody's in particular, and each look reads all headers.
      get principal() {
        return operators.principalOf(request);
      },
      request,
    };
    // Those that are for operators only were looked at before their body was read.
    if (isForOperatorsAtTimes(operation) && accessOf(operation.access, input) === 'operator') {
      const refusal = operators.refuse(request, response);
      if (refusal) throw refusal;
    }
    if (operation.movesMoney) refuseMoney();
    const answer = await carryOut(operation, input);
    if (answer.paymentId !== undefined) factsOf(response).paymentId = answer.paymentId;
    send(response, operation.isPolled ? revalidated(request, answer) : answer);
  };
}

/** An endpoint without parameters refuses them, too: what nobody reads must not look as if it counted. */
function readQuery({ query, passesOverQuery }: Operation, request: Request): unknown {
  if (query) return validate(query, request.query, 'query');
  if (!passesOverQuery) validate(NO_PARAMETERS, request.query, 'query');
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

/** No body is an empty object; `null` is a body, and no object. */
function orEmpty(body: unknown): unknown {
  return body === undefined ? {} : body;
}

const refuseAsUnknown: RequestHandler = () => {
  throw new Problem('not-found');
};

/** The answer with its validator; without its body for a client that has it. */
function revalidated(request: Request, answer: Answer): Answer {
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const entityTag = entityTagOf(body);
  const headers = { ...answer.headers, ETag: entityTag, 'Cache-Control': REVALIDATED };
  const status = isInHand(request.get('if-none-match'), entityTag) ? 304 : answer.status;
  return { ...answer, status, body, headers };
}

function send(response: Response, { status, body, headers, mediaType = 'application/json' }: Answer): void {
  // A deadline may have answered before.
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
