import type { RawAnswer } from './raw-http.ts';

/** Signs that an answer tells more than it should: stacks, files, SQL, addresses of the database. */
const LEAKS =
  /node_modules|\.[tj]s:\d|\bat \w+ \(|\/src\/|postgres(ql)?:\/\/|\bselect .* from \b|\binsert into\b|violates|SQLSTATE|relation "|TypeError|RangeError|SyntaxError/;

/**
 * Says what is wrong with an answer whatever was asked: it failed, tells what is behind it, or cannot be found in the log. What the
 * description of the API says of it is judged elsewhere.
 */
export function judgeDiscretion({ status, headers, body }: RawAnswer): string | undefined {
  if (status >= 500) return `it failed with ${status}`;
  if (LEAKS.test(body)) return 'it tells of what is behind it';
  if (!/^[\w.:-]{1,100}$/.test(headers.get('x-request-id') ?? '')) return 'it has no request id';
  return undefined;
}

/** Every error is a problem document (RFC 9457). */
export function judgeProblem({ status, headers, body }: RawAnswer): string | undefined {
  if (!headers.get('content-type')?.startsWith('application/problem+json'))
    return 'it is no problem document';
  const problem = parse(body);
  const members = ['type', 'title', 'detail', 'instance', 'code'] as const;
  if (!isRecord(problem) || members.some((member) => typeof problem[member] !== 'string'))
    return 'it lacks a member';
  if (problem.status !== status) return 'its status differs from that of the answer';
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
