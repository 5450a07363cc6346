import type { DescribedOperation } from './described-api.ts';
import type { RawAnswer, RawRequest } from './raw-http.ts';

/** Signs that an answer tells more than it should: stacks, files, SQL, addresses of the database. */
const LEAKS =
  /node_modules|\.[tj]s:\d|\bat \w+ \(|\/src\/|postgres(ql)?:\/\/|\bselect .* from \b|\binsert into\b|violates|SQLSTATE|relation "|TypeError|RangeError|SyntaxError/;

/** What every path answers besides what is described of its operations. */
const ANY_PATH = new Set([400, 404, 405, 408, 417, 421, 431]);

/** Says what is wrong with an answer; undefined when nothing is. */
export function judgeAnswer(
  request: RawRequest,
  answer: RawAnswer | undefined,
  {
    operation,
    operations,
  }: { readonly operation: DescribedOperation; readonly operations: readonly DescribedOperation[] },
): string | undefined {
  if (!answer) return 'there was no answer';
  const { status, headers, body } = answer;
  if (status >= 500) return `it failed with ${status}`;
  if (LEAKS.test(body)) return 'it tells of what is behind it';
  if (!/^[\w.:-]{1,100}$/.test(headers.get('x-request-id') ?? '')) return 'it has no request id';
  const isHead = request.method === 'HEAD';
  // A target that was bent may lead to another operation.
  const isForOperation = request.method === operation.method && hasPathOf(request.target, operation);
  const described = isForOperation
    ? operation.answers.get(status)
    : operations.map(({ answers }) => answers.get(status)).find((found) => found);
  if (!described && !(ANY_PATH.has(status) && !isForOperation))
    return `its status ${status} is not described`;
  if (isHead || status === 304) return undefined;
  return status >= 400
    ? judgeProblem(answer)
    : judgeBody(body, headers, isForOperation ? described : undefined);
}

function hasPathOf(target: string, { path }: DescribedOperation): boolean {
  const pattern = path.replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}/?$`).test(target.split('?')[0] ?? '');
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

function judgeBody(
  body: string,
  headers: ReadonlyMap<string, string>,
  described: ReturnType<DescribedOperation['answers']['get']>,
): string | undefined {
  if (!described) return undefined;
  const mediaType = headers.get('content-type')?.split(';')[0] ?? '';
  if (!described.has(mediaType)) return `its media type ${mediaType} is not described`;
  const checked = described.get(mediaType)?.safeParse(parse(body));
  return checked?.error ? `its body does not fit: ${checked.error.message}` : undefined;
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
