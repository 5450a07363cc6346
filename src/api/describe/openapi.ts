import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { EVENT_STREAM } from '../server/content/negotiate.ts';
import { REVALIDATED } from '../server/content/revalidate.ts';
import { isForOperatorsOnly } from '../server/guards/access.ts';
import { KEY_PATTERN } from '../server/idempotency-key.ts';
import type { DescribedAnswer, Operation } from '../server/operation.ts';
import { describeHeaders } from './describe-headers.ts';
import { describeProblems } from './describe-problems.ts';
import { describedAs } from './described-as.ts';

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
      ...describeRequestHeaders(operation),
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

function describeRequestHeaders(operation: Operation): { header?: z.ZodObject } {
  const headers = {
    ...operation.requestHeaders?.shape,
    ...(operation.takesIdempotencyKey ? { 'Idempotency-Key': idempotencyKey(operation.id) } : {}),
    ...(operation.isPolled ? { 'If-None-Match': ifNoneMatch } : {}),
  };
  return Object.keys(headers).length === 0 ? {} : { header: z.object(headers) };
}

function describeAnswers({ answers, isPolled }: Operation): ZodOpenApiResponsesObject {
  const revalidation = isPolled ? REVALIDATION_HEADERS : {};
  const described = Object.entries(answers).map(([status, answer]) => [
    status,
    {
      description: answer.description,
      content: {
        'application/json': { schema: answer.schema, example: answer.example },
        ...(answer.stream === undefined
          ? {}
          : { [EVENT_STREAM]: { schema: { type: 'string' as const }, example: answer.stream } }),
      },
      headers: describeHeaders({ ...answer.headers, ...revalidation }),
    },
  ]);
  const notModified = {
    description: 'The client already has the current answer, according to `If-None-Match`.',
    headers: describeHeaders({ ...answers[200]?.headers, ...revalidation }),
  };
  return { ...Object.fromEntries(described), ...(isPolled ? { 304: notModified } : {}) };
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
