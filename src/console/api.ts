import type { Evidence } from './answers.ts';

const TOKEN_KEY = 'tollgate.operator-token';
const TIMEOUT_MS = 12_000;

/** An answer that is a problem, or no answer at all; the message is for people. */
export class CallError extends Error {
  readonly code: string;
  readonly status: number;
  /** What says that the money moved, where that is why nothing was done. */
  readonly evidence: readonly Evidence[];

  constructor(
    message: string,
    {
      code,
      status,
      evidence = [],
    }: { readonly code: string; readonly status: number; readonly evidence?: readonly Evidence[] },
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.evidence = evidence;
  }

  /** Whether the operator has to give the token, or another one. */
  get wantsToken(): boolean {
    return this.code === 'operator-token-required';
  }
}

/** The token is kept for this tab only, and goes in a header, so that no other page can make the browser send it. */
export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(TOKEN_KEY);
}

export function hasToken(): boolean {
  return sessionStorage.getItem(TOKEN_KEY) !== null;
}

/**
 * Asks the API.
 * @throws CallError for whatever is not a success.
 */
export async function call<Body>(method: 'GET' | 'POST', path: string, body?: object): Promise<Body> {
  const token = sessionStorage.getItem(TOKEN_KEY);
  const headers = {
    ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    ...(body ? { 'Content-Type': 'application/json' } : {}),
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
    const what = method === 'GET' ? '' : ' It is not known whether it was done: look before you do it again.';
    throw new CallError(`The API gives no answer.${what}`, { code: 'no-answer', status: 0 });
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer as Body;
  const {
    detail = `The API answered ${response.status}.`,
    code = 'unknown',
    evidence,
  } = answer as { detail?: string; code?: string; evidence?: readonly Evidence[] };
  throw new CallError(detail, { code, status: response.status, ...(evidence ? { evidence } : {}) });
}

/** A query of what has a value: `?a=1&b=2`, or nothing. */
export function queryOf(values: Readonly<Record<string, string | number | undefined | null>>): string {
  const given = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
