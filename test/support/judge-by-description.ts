import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

// biome-ignore lint/suspicious/noExplicitAny: a document of many shapes
type Node = any;

/** An answer as it was sent. */
export interface SentAnswer {
  readonly method: string;
  /** As it stood in the first line of the request. */
  readonly target: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Headers that an answer has only where they are described. */
const CONTRACT_HEADERS = [
  'Accept',
  'Accept-Encoding',
  'Allow',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Retry-After',
  'WWW-Authenticate',
];
/** What a request can be answered with that comes to no operation. */
const ANYWHERE = new Set([400, 403, 404, 405, 408, 413, 415, 417, 421, 431, 500, 503]);
/** RFC 3339, in UTC as all of ours are, with days and hours that exist. */
const DATE_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;

/** Says of an answer what is wrong with it by the description of the API; undefined when nothing is. */
export type Judge = (answer: SentAnswer) => string | undefined;

/**
 * Reads a description; schemas are compiled when an answer first has them.
 * @param hiddenPaths addresses that are not described here, because another listener has them.
 */
export function createJudge(document: Node, hiddenPaths: readonly string[] = []): Judge {
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    allErrors: true,
    keywords: ['example', 'components'],
  });
  ajv.addFormat('date-time', DATE_TIME);
  ajv.addSchema({ $id: 'description', components: document.components }, 'description');
  const validators = new Map<string, ValidateFunction<Node>>();
  // An address that is spelt out comes before one with a parameter, as the description's reader has to take it.
  const known = [...Object.keys(document.paths), ...hiddenPaths].sort(
    (one, other) => one.split('{').length - other.split('{').length,
  );
  const paths = known.map((path) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
  }));

  return (answer) => {
    const path = paths.find(({ pattern }) => pattern.test(pathOf(answer.target)))?.path;
    const method = answer.method === 'HEAD' ? 'get' : answer.method.toLowerCase();
    const item: Node = path === undefined ? undefined : document.paths[path];
    const operation = item?.[method];
    const fault = operation
      ? judgeDescribed(answer, { name: `${method} ${path}`, operation })
      : judgeOther(answer, item && Object.keys(item));
    return (
      fault && `${answer.method} ${answer.target} ${answer.status}: ${fault}\n${answer.body.slice(0, 500)}`
    );
  };

  function judgeDescribed(
    answer: SentAnswer,
    { name, operation }: { readonly name: string; readonly operation: Node },
  ): string | undefined {
    const { status, headers, body } = answer;
    const described = operation.responses[status];
    if (!described) return 'the status is not described';
    const wrongHeader = judgeHeaders(headers, described.headers ?? {});
    if (wrongHeader) return wrongHeader;
    const mediaType = mediaTypeOf(headers);
    if (!described.content) return body === '' ? undefined : 'no body is described';
    const media = described.content[mediaType];
    if (!media) return `the media type ${mediaType} is not described`;
    if (answer.method === 'HEAD') return body === '' ? undefined : 'HEAD has a body';
    // A stream is text; what it brings is tested where it is.
    const sent: Node = mediaType.endsWith('json') ? JSON.parse(body) : body;
    const key = `${name} ${status} ${mediaType}`;
    const validate = validators.get(key) ?? ajv.compile<Node>(resolve(media.schema));
    validators.set(key, validate);
    if (!validate(sent)) return `the body does not fit: ${ajv.errorsText(validate.errors)}`;
    if (mediaType !== 'application/problem+json') return undefined;
    if (!(sent.code in media.examples)) return `the problem ${sent.code} is not described`;
    return sent.status === status ? undefined : 'the problem has another status';
  }
}

/** References of the description, as they lead from a schema that stands alone. */
function resolve(schema: Node): Node {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"description#/components/'));
}

/** Pages, metrics, addresses that are none, and methods that a path does not have. */
function judgeOther(answer: SentAnswer, methods: readonly string[] | undefined): string | undefined {
  const { status, headers, body, method, target } = answer;
  if (status < 400) return pathOf(target).startsWith('/api/') ? 'the path is not described' : undefined;
  if (mediaTypeOf(headers) !== 'application/problem+json') return 'it is no problem document';
  if (methods && !ANYWHERE.has(status)) return `nothing says ${status} to a method that is not there`;
  if (status === 405 && methods) {
    const allowed = methods.flatMap((each) => (each === 'get' ? ['GET', 'HEAD'] : [each.toUpperCase()]));
    if (headers.allow !== allowed.join(', ')) return `Allow is ${headers.allow}`;
  }
  return method === 'HEAD' || JSON.parse(body).status === status
    ? undefined
    : 'the problem has another status';
}

function judgeHeaders(headers: SentAnswer['headers'], described: Node): string | undefined {
  for (const name of CONTRACT_HEADERS) {
    const isSent = headers[name.toLowerCase()] !== undefined;
    if (isSent && !(name in described)) return `the header ${name} is not described`;
    if (!isSent && described[name]?.required) return `the header ${name} is missing`;
  }
  return undefined;
}

function mediaTypeOf(headers: SentAnswer['headers']): string {
  return String(headers['content-type'] ?? '').split(';')[0] ?? '';
}

/** As the server reads it: of a whole address it takes a backslash for a slash, and leaves dots where they are. */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target.split('?')[0] ?? '/';
  const [address = ''] = target.replaceAll('\\', '/').split(/[?#]/);
  return /^[a-z][a-z\d+.-]*:\/\/[^/]*(\/.*)/i.exec(address)?.[1] ?? '/';
}
