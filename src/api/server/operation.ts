import type { Request } from 'express';
import type { z } from 'zod';
import type { ProblemCode } from '../problems/problem-catalogue.ts';
import type { AccessRule } from './guards/access.ts';
import type { Principal } from './guards/principal.ts';

/** What a handler answers; a string `body` is already JSON. */
export interface Answer {
  readonly status: number;
  readonly body: string | object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mediaType?: string;
  /** Sent instead of the body, piece by piece, as `text/event-stream`, to a client that asked for it. */
  readonly stream?: AsyncIterable<string>;
  /** For the request log. */
  readonly paymentId?: bigint;
}

/** A header of an answer, as the OpenAPI document shows it. */
export interface DescribedHeader {
  readonly description: string;
  readonly example: string;
  /** Some answers with this status do not have it. */
  readonly isOptional?: boolean;
}

/** One answer, as the OpenAPI document shows it. */
export interface DescribedAnswer {
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example: unknown;
  readonly headers?: Readonly<Record<string, DescribedHeader>>;
  /** The beginning of a stream, for an operation that may stream. */
  readonly stream?: string;
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/**
 * One endpoint. The same schemas check requests, type the handler and generate the OpenAPI document, and the same list of operations
 * registers and describes the routes, so code and description cannot differ.
 */
export interface Operation<
  Params extends z.ZodType | undefined = z.ZodType | undefined,
  Query extends z.ZodType | undefined = z.ZodType | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
> {
  readonly method: 'get' | 'post';
  /** In OpenAPI notation: `/api/v1/payments/{payment_id}`. */
  readonly path: string;
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: Params;
  readonly query?: Query;
  /** Unknown query parameters are allowed: somebody else configures the URL of this operation, and intermediaries add to it. */
  readonly passesOverQuery?: boolean;
  /** An empty body counts as `{}`. */
  readonly body?: Body;
  /**
   * Chooses the schema by the body that was sent, if how one member is read depends on another. `body` is the schema in the description.
   */
  readonly bodyFor?: (sent: unknown) => NonNullable<Body>;
  readonly bodyExample?: unknown;
  /** Checks the raw bytes of the body before they are parsed; throws a Problem to refuse them. */
  readonly checkRawBody?: (rawBody: Buffer, request: Request) => void;
  /** Request headers, besides those that every operation accepts. */
  readonly requestHeaders?: z.ZodObject;
  readonly takesIdempotencyKey?: boolean;
  /** Clients poll it, so it has an ETag, and a client that has the current answer gets 304. */
  readonly isPolled?: boolean;
  /** A client may ask for a stream of server-sent events instead. */
  readonly mayStream?: boolean;
  /** Its status is all that matters, so it is answered in JSON whatever the client accepts. */
  readonly ignoresAccept?: boolean;
  /** It is never turned away, and does not need the database: see shed-load.ts. */
  readonly isAnsweredUnderAnyLoad?: boolean;
  readonly access: AccessRule<{ readonly query: Parsed<Query>; readonly body: Parsed<Body> }>;
  /** It is refused while an integrity violation is open, unless its key was used before. */
  readonly movesMoney?: boolean;
  readonly answers: Readonly<Record<number, DescribedAnswer>>;
  readonly problems: readonly ProblemCode[];
  /**
   * Throws the problem that says that it was done before, for an operation that moves money and takes no key. It is asked only while no
   * money may move: whoever has lost an answer then learns what happened, and does not wait.
   */
  readonly recall?: (input: Input<Params, Query, Body>) => Promise<void>;
  readonly handle: (input: Input<Params, Query, Body>) => Promise<Answer> | Answer;
}

/** A request as it was read and checked. */
interface Input<Params, Query, Body> {
  readonly params: Parsed<Params>;
  readonly query: Parsed<Query>;
  readonly body: Parsed<Body>;
  /** The bytes as they were sent; empty unless the operation has checkRawBody. */
  readonly rawBody: string;
  readonly principal: Principal;
  readonly request: Request;
}

/** Lets TypeScript infer the handler's input from the schemas beside it. */
export function defineOperation<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(operation: Operation<Params, Query, Body>): Operation {
  return operation as unknown as Operation;
}
