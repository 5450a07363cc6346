import type { Evidence } from './answers.ts';
import { explainProblem } from './explain-problem.ts';

const TOKEN_KEY = 'tollgate.operator-token';
const TIMEOUT_MS = 12_000;
/** Dispatched on the window when an answer says that the token is missing or no longer valid. */
export const TOKEN_WANTED = 'tollgate-token-wanted';

interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

interface ProblemAnswer {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  readonly evidence?: readonly Evidence[];
}

/** A problem, or no answer at all. The message is for people. */
export class CallError extends Error {
  readonly code: string;
  /** 0 if there was no answer. */
  readonly status: number;
  /** The parsed answer, which may be anything. */
  readonly answer: ProblemAnswer | undefined;

  constructor(
    message: string,
    {
      code,
      status,
      answer,
    }: { readonly code: string; readonly status: number; readonly answer?: ProblemAnswer },
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.answer = answer;
  }

  /** Whether the operator must enter the token, or a different one. */
  get wantsToken(): boolean {
    return this.code === 'operator-token-required';
  }

  /** Whether the same request may succeed later. */
  get mayPass(): boolean {
    return this.status === 0 || this.status >= 500;
  }

  /** The evidence that the money moved, if that is why the request was refused. */
  get evidence(): readonly Evidence[] {
    return this.answer?.evidence ?? [];
  }

  /** What is wrong with a field; undefined if nothing is. */
  ofField(name: string): string | undefined {
    const found = (this.answer?.errors ?? []).filter(({ field }) => field === name);
    return found.length === 0 ? undefined : found.map(({ message }) => message).join('; ');
  }
}

/** Converts anything that was thrown into an error that can be shown. */
export function toCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  return new CallError(`The console failed: ${error}. Reload the page, and try again.`, {
    code: 'console',
    status: -1,
  });
}

/** The token is kept for this tab only and sent in a header, so that no other page can make the browser send it. */
export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(TOKEN_KEY);
}

export function hasToken(): boolean {
  return sessionStorage.getItem(TOKEN_KEY) !== null;
}

/** An idempotency key. It is built by hand because browsers offer crypto.randomUUID on secure pages only. */
export function createKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/**
 * Calls the API.
 * @param key an idempotency key, if the endpoint takes one.
 * @throws CallError for anything but success.
 */
export async function call<Body>(
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  { key }: { readonly key?: string } = {},
): Promise<Body> {
  const token = sessionStorage.getItem(TOKEN_KEY);
  const headers = {
    // fetch throws for a header value that is not allowed, which would look as if the API did not answer.
    ...(token !== null && /^[!-~]+$/.test(token) ? { Authorization: `Bearer ${token}` } : {}),
    ...(body ? { 'Content-Type': 'application/json' } : {}),
    ...(key ? { 'Idempotency-Key': key } : {}),
  };
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    const rest =
      method === 'GET'
        ? ' The page keeps asking.'
        : ' It is not known whether this was done: check before you do it again.';
    throw new CallError(`The API does not answer.${rest}`, { code: 'no-answer', status: 0 });
  }
  const answer = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer as Body;
  throw toProblem(response.status, answer);
}

function toProblem(status: number, answer: ProblemAnswer | undefined): CallError {
  // A proxy may answer with its own page, or with an empty body.
  if (typeof answer?.code !== 'string') {
    const message = `The API gave an answer that the console cannot read (HTTP ${status}). Try again in a moment.`;
    return new CallError(message, {
      code: 'unreadable',
      status: Math.max(status, 500),
      ...(answer ? { answer } : {}),
    });
  }
  const error = new CallError(explainProblem(answer.code, answer.detail), {
    code: answer.code,
    status,
    answer,
  });
  if (error.wantsToken) dispatchEvent(new CustomEvent(TOKEN_WANTED, { detail: error }));
  return error;
}

/** A query string of the parameters that have a value: `?a=1&b=2`, or empty. */
export function queryOf(values: Readonly<Record<string, string | number | undefined | null>>): string {
  const given = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
