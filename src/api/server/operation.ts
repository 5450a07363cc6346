import type { Request } from 'express';
import type { z } from 'zod';
import type { ProblemCode } from '../problems/problem-catalogue.ts';
import type { AccessRule } from './guards/access.ts';
import type { Principal } from './guards/principal.ts';

/** What a handler answers; `body` is JSON already when it is a string. */
export interface Answer {
  readonly status: number;
  readonly body: string | object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mediaType?: string;
  /** For the request log. */
  readonly paymentId?: bigint;
}

/** A header of an answer, as the description shows it. */
export interface DescribedHeader {
  readonly description: string;
  readonly example: string;
  /** Some answers of this status come without it. */
  readonly isOptional?: boolean;
}

/** One answer as the API description shows it. */
export interface DescribedAnswer {
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example: unknown;
  readonly headers?: Readonly<Record<string, DescribedHeader>>;
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/**
 * One endpoint. The same schemas check requests, type the handler and make the API description; the same list of
 * operations registers routes and describes them, so the two cannot differ.
 */
export interface Operation<
  Params extends z.ZodType | undefined = z.ZodType | undefined,
  Query extends z.ZodType | undefined = z.ZodType | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
> {
  readonly method: 'get' | 'post';
  /** In the form of OpenAPI: `/api/v1/payments/{payment_id}`. */
  readonly path: string;
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: Params;
  readonly query?: Query;
  /**
   * Parameters are no fault although it has none: it is called at an address that somebody else keeps, and that those in
   * between add to.
   */
  readonly passesOverQuery?: boolean;
  /** An empty body counts as `{}`. */
  readonly body?: Body;
  /** Chooses the schema for what was sent, where how one member is read depends on another; `body` is the one that is described. */
  readonly bodyFor?: (sent: unknown) => NonNullable<Body>;
  readonly bodyExample?: unknown;
  /** Looks at the very bytes of the body, before anything is read from them; throws a Problem to refuse them. */
  readonly checkRawBody?: (rawBody: Buffer, request: Request) => void;
  /** Headers that a request carries, beside those that every operation may get. */
  readonly requestHeaders?: z.ZodObject;
  readonly takesIdempotencyKey?: boolean;
  /** Clients ask for it again and again: it has an ETag, and is answered 304 to those who have it. */
  readonly isPolled?: boolean;
  /** Its status says it all, so it is answered in JSON whatever a client takes. */
  readonly ignoresAccept?: boolean;
  /** It is never turned away, and needs no database: see shed-load.ts. */
  readonly isAnsweredUnderAnyLoad?: boolean;
  readonly access: AccessRule<{ readonly query: Parsed<Query>; readonly body: Parsed<Body> }>;
  /** It is refused while the ledger is known to be wrong. */
  readonly movesMoney?: boolean;
  readonly answers: Readonly<Record<number, DescribedAnswer>>;
  readonly problems: readonly ProblemCode[];
  readonly handle: (input: {
    readonly params: Parsed<Params>;
    readonly query: Parsed<Query>;
    readonly body: Parsed<Body>;
    /** As it was sent; empty unless the operation has checkRawBody. */
    readonly rawBody: string;
    readonly principal: Principal;
    readonly request: Request;
  }) => Promise<Answer> | Answer;
}

/** Lets TypeScript infer what a handler gets from the schemas beside it. */
export function defineOperation<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(operation: Operation<Params, Query, Body>): Operation {
  return operation as unknown as Operation;
}
