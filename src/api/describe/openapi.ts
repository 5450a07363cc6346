import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { PROBLEM_MEDIA_TYPE, Problem, renderProblem } from '../problems/problem.ts';
import { type ProblemCode, problemKind } from '../problems/problem-catalogue.ts';
import { problemSchema } from '../problems/problem-schema.ts';
import { REVALIDATED } from '../server/content/revalidate.ts';
import { narrowingOf } from '../server/explain-failure.ts';
import { isForOperatorsAtTimes, isForOperatorsOnly } from '../server/guards/access.ts';
import { KEY_PATTERN } from '../server/idempotency-key.ts';
import type { DescribedAnswer, Operation } from '../server/operation.ts';
import { describedAs } from './described-as.ts';
import { LOCATION, REPLAYED } from './keyed-answers.ts';

/** Each operation has its own example key, so that the examples of two operations can be sent one after the other. */
const idempotencyKey = (operationId: string) =>
  z
    .string()
    .optional()
    .meta({
      ...describedAs({ type: 'string', pattern: KEY_PATTERN, minLength: 1, maxLength: 257 }),
      description:
        'Makes the request safe to repeat: requests with the same key and body execute once and get the same answer. 1 to 255 visible ASCII characters; double quotes around the key are ignored. `X-Idempotency-Key` means the same.',
      example: `${operationId}-123e4567-e89b-12d3-a456-426614174000`,
    });

const ifNoneMatch = z.string().optional().meta({
  description:
    'The `ETag` of an answer that the client already has, or several, or `*`. If it is still current, the answer is 304 without a body.',
});
const REVALIDATION_HEADERS: DescribedAnswer['headers'] = {
  ETag: {
    description: 'Identifies this version of the answer. Send it back as `If-None-Match`.',
    example: '"mD5oX3Yw0SgR8fK2vHqLzU6bJ1c"',
  },
  'Cache-Control': {
    description: 'The client may store the answer, but must revalidate it each time.',
    example: REVALIDATED,
  },
};

/** Problems that every operation can return. */
const COMMON_PROBLEMS: readonly ProblemCode[] = [
  'malformed-request',
  'method-not-allowed',
  'host-not-allowed',
  'expectation-failed',
  'headers-too-large',
  // A body that is announced and never arrives ends the request, even if no handler reads it.
  'request-timeout',
  'internal',
];
const LOAD_PROBLEMS: readonly ProblemCode[] = ['overloaded', 'database-unavailable'];
const MONEY_PROBLEMS: readonly ProblemCode[] = ['integrity-violated'];
const BODY_PROBLEMS: readonly ProblemCode[] = ['body-too-large', 'unsupported-media-type'];
const OPERATOR_PROBLEMS: readonly ProblemCode[] = [
  'operator-token-required',
  'operator-loopback-only',
  'operator-cross-site',
];
/** The headers that problems come with, besides how long to wait. */
const PROBLEM_HEADERS: Readonly<Partial<Record<ProblemCode, DescribedAnswer['headers']>>> = {
  'unsupported-media-type': {
    Accept: {
      description: 'The media type to send, if the one sent was not supported.',
      example: 'application/json',
      isOptional: true,
    },
    'Accept-Encoding': {
      description: 'The encoding to send, if the one sent was not supported.',
      example: 'identity',
      isOptional: true,
    },
  },
  'method-not-allowed': {
    Allow: { description: 'The methods that this path supports.', example: 'GET, HEAD' },
  },
  'operator-token-required': {
    'WWW-Authenticate': { description: 'How to authenticate.', example: 'Bearer' },
  },
  'idempotency-key-expired': { Location: { ...LOCATION, description: 'The path of what the key created.' } },
  'hold-not-funded': { 'Idempotency-Replayed': REPLAYED },
  'hold-ended': { Location: LOCATION, 'Idempotency-Replayed': REPLAYED },
  'order-held-differently': { Location: LOCATION, 'Idempotency-Replayed': REPLAYED },
  'capture-exceeds-hold': { Location: LOCATION, 'Idempotency-Replayed': REPLAYED },
  'conversion-not-funded': { 'Idempotency-Replayed': REPLAYED },
  'quote-used': { 'Idempotency-Replayed': REPLAYED },
  'quote-expired': { 'Idempotency-Replayed': REPLAYED },
  'insufficient-funds': { Location: LOCATION, 'Idempotency-Replayed': REPLAYED },
  'transfer-not-funded': {
    Location: { description: 'The wallet that was to give.', example: '/api/v1/wallets/10' },
    'Idempotency-Replayed': REPLAYED,
  },
};

/** Renders the operations as an OpenAPI 3.1 document. */
export function describeApi(operations: readonly Operation[], { version }: { readonly version: string }) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describeOperation(operation) };
  }
  const description: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'Tollgate',
      version,
      description:
        'Deposits, withdrawals and refunds with an idempotency key. The API answers a request at once; a worker sends the payment to the gateway, and a double-entry ledger records where the money is.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths: paths as ZodOpenApiPathsObject,
    components: {
      securitySchemes: {
        operatorToken: {
          type: 'http',
          scheme: 'bearer',
          description:
            "The value of OPERATOR_TOKEN. If it is not set, operators must be on the API's own machine.",
        },
      },
    },
  };
  return createDocument(description, { override: leaveRoom });
}

/** Answers may gain members, which clients must ignore; requests are described exactly. */
function leaveRoom({
  jsonSchema,
  io,
}: {
  readonly jsonSchema: object;
  readonly io: 'input' | 'output';
}): void {
  const schema = jsonSchema as { additionalProperties?: unknown };
  if (io === 'output' && schema.additionalProperties === false) delete schema.additionalProperties;
}

function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description ? { description: operation.description } : {}),
    // The empty requirement: without OPERATOR_TOKEN, operators on the API's own machine need no token.
    ...(isForOperatorsOnly(operation) ? { security: [{ operatorToken: [] }, {}] } : {}),
    requestParams: {
      ...(operation.params ? { path: operation.params as z.ZodObject } : {}),
      ...(operation.query ? { query: operation.query as z.ZodObject } : {}),
      ...(operation.takesIdempotencyKey
        ? { header: z.object({ 'Idempotency-Key': idempotencyKey(operation.id) }) }
        : {}),
      ...(operation.isPolled ? { header: z.object({ 'If-None-Match': ifNoneMatch }) } : {}),
      ...(operation.requestHeaders ? { header: operation.requestHeaders } : {}),
    },
    ...(operation.body
      ? {
          requestBody: {
            // An empty body is read as `{}`.
            required: !operation.body.safeParse({}).success,
            content: { 'application/json': { schema: operation.body, example: operation.bodyExample } },
          },
        }
      : {}),
    responses: joinAnswers(describeAnswers(operation), describeProblems(operation)),
  };
}

function describeAnswers({ answers, isPolled }: Operation): ZodOpenApiResponsesObject {
  const revalidation = isPolled ? REVALIDATION_HEADERS : {};
  const described = Object.entries(answers).map(([status, answer]) => [
    status,
    {
      description: answer.description,
      content: { 'application/json': { schema: answer.schema, example: answer.example } },
      headers: describeHeaders({ ...answer.headers, ...revalidation }),
    },
  ]);
  const notModified = {
    description: 'The client already has the current answer, according to `If-None-Match`.',
    headers: describeHeaders(revalidation),
  };
  return { ...Object.fromEntries(described), ...(isPolled ? { 304: notModified } : {}) };
}

/** Problems with the same status share one response, with an example for each. */
function describeProblems(operation: Operation): ZodOpenApiResponsesObject {
  const codes = new Set([
    ...operation.problems,
    ...(operation.passesOverQuery ? [] : (['validation-failed'] as const)),
    ...(operation.access === 'anyone' ? [] : OPERATOR_PROBLEMS),
    ...(isForOperatorsAtTimes(operation) ? (['operator-port-only'] as const) : []),
    ...(operation.method !== 'get' && !isForOperatorsOnly(operation) ? (['cross-site'] as const) : []),
    ...(operation.ignoresAccept ? [] : (['not-acceptable'] as const)),
    ...(operation.movesMoney ? MONEY_PROBLEMS : []),
    ...(operation.method === 'get' ? [] : BODY_PROBLEMS),
    // A request that takes too long gets this problem.
    ...(operation.method === 'get' || operation.problems.includes('accept-outcome-unknown')
      ? []
      : (['write-outcome-unknown'] as const)),
    ...(operation.method === 'get' && narrowingOf(operation).length > 0 ? (['list-too-slow'] as const) : []),
    ...(operation.isAnsweredUnderAnyLoad ? [] : LOAD_PROBLEMS),
    ...COMMON_PROBLEMS,
  ]);
  const byStatus = Map.groupBy(codes, (code) => problemKind(code).status);
  return Object.fromEntries(
    [...byStatus].map(([status, codesOfStatus]) => [
      String(status),
      {
        description: codesOfStatus.map((code) => `**${code}**: ${problemKind(code).advice}`).join('\n\n'),
        headers: describeHeaders(headersOfProblems(codesOfStatus)),
        content: {
          [PROBLEM_MEDIA_TYPE]: {
            schema: problemSchema,
            examples: Object.fromEntries(
              codesOfStatus.map((code) => [
                code,
                { value: JSON.parse(renderProblem(new Problem(code), operation.path)) },
              ]),
            ),
          },
        },
      },
    ]),
  );
}

/** The headers of a problem, with how long to wait where the catalogue says so. */
function headersOfProblem(code: ProblemCode): NonNullable<DescribedAnswer['headers']> {
  const { retryAfterSeconds } = problemKind(code);
  return {
    ...(retryAfterSeconds === undefined
      ? {}
      : { 'Retry-After': { description: 'Seconds to wait.', example: `${retryAfterSeconds}` } }),
    ...PROBLEM_HEADERS[code],
  };
}

/** A header that some of the problems lack is optional. */
function headersOfProblems(codes: readonly ProblemCode[]): DescribedAnswer['headers'] {
  const all: NonNullable<DescribedAnswer['headers']> = Object.assign({}, ...codes.map(headersOfProblem));
  return Object.fromEntries(
    Object.entries(all).map(([name, header]) => {
      const isOptional = codes.some((code) => {
        const own = headersOfProblem(code)[name];
        return !own || own.isOptional;
      });
      return [name, { ...header, isOptional }];
    }),
  );
}

/** An operation may both declare a status and return a problem with it: a health check of an overloaded process. */
function joinAnswers(
  own: ZodOpenApiResponsesObject,
  problems: ZodOpenApiResponsesObject,
): ZodOpenApiResponsesObject {
  const joined = { ...own, ...problems } as Record<string, ZodOpenApiResponseObject>;
  for (const [status, answer] of Object.entries(own as Record<string, ZodOpenApiResponseObject>)) {
    const problem = (problems as typeof joined)[status];
    joined[status] = {
      ...answer,
      description: [answer.description, problem?.description].filter(Boolean).join('\n\n'),
      headers: { ...answer.headers, ...optional(problem?.headers) },
      ...(answer.content || problem ? { content: { ...answer.content, ...problem?.content } } : {}),
    };
  }
  return joined as ZodOpenApiResponsesObject;
}

function optional(headers: ZodOpenApiResponseObject['headers'] = {}): ZodOpenApiResponseObject['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, header]) => [name, { ...header, required: false }]),
  );
}

function describeHeaders(headers: DescribedAnswer['headers'] = {}) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, { description, example, isOptional }]) => [
      name,
      {
        description,
        ...(isOptional ? {} : { required: true }),
        schema: { type: 'string' as const },
        example,
      },
    ]),
  );
}
