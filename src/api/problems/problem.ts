import { type ProblemCode, problemKind } from './problem-catalogue.ts';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

interface ProblemDetails {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Members that only this problem has (RFC 9457, 3.2). */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer that is a problem document. Handlers throw it; one place renders it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    super(details.detail ?? problemKind(code).title, { cause: details.cause });
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return problemKind(this.code).status;
  }

  /** Its headers, with how long to wait where the catalogue says so. */
  get headers(): Readonly<Record<string, string>> {
    const { retryAfterSeconds } = problemKind(this.code);
    return {
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': `${retryAfterSeconds}` }),
      ...this.details.headers,
    };
  }
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/**
 * Renders a problem document (RFC 9457).
 * @param instance the path of the request.
 */
export function renderProblem(problem: Problem, instance: string): string {
  const { status, title, retry, advice } = problemKind(problem.code);
  return JSON.stringify({
    type: `/problems/${problem.code}`,
    title,
    status,
    detail: problem.details.detail ?? advice,
    instance,
    code: problem.code,
    ...(retry ? { retry } : {}),
    ...(problem.details.errors ? { errors: problem.details.errors } : {}),
    ...problem.details.extensions,
  });
}
