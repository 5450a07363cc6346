import { gzipSync } from 'node:zlib';
import fc, { type Arbitrary } from 'fast-check';
import type { DescribedOperation } from './described-api.ts';
import type { RawRequest } from './raw-http.ts';
import { jsonFor, oddJson, oddNumberLiteral, oddText, textFor } from './schema-arbitrary.ts';

type Header = readonly [name: string, value: string];

/** Requests for one operation: some that fit its description, most that are a little or very wrong. */
export function requestFor(operation: DescribedOperation): Arbitrary<RawRequest> {
  return fc
    .record({
      method: fc.oneof(
        { weight: 30, arbitrary: fc.constant(operation.method) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'),
        },
      ),
      path: pathFor(operation),
      query: queryFor(operation),
      headers: headersFor(operation),
      body: operation.bodySchema
        ? bodyFor(operation)
        : fc.oneof(
            { weight: 9, arbitrary: fc.constant(Buffer.alloc(0)) },
            { weight: 1, arbitrary: fc.json().map(bytes) },
          ),
      framing: fc.oneof(
        { weight: 12, arbitrary: fc.constant('length' as const) },
        { weight: 3, arbitrary: fc.constant('chunked' as const) },
        { weight: 1, arbitrary: fc.constant('none' as const) },
      ),
    })
    .map(({ path, query, ...request }) => ({ ...request, target: path + query }));
}

function pathFor({ path, parameters }: DescribedOperation): Arbitrary<string> {
  const parts = path.split('/').map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (!name) return fc.constant(part);
    const schema =
      parameters.find((parameter) => parameter.in === 'path' && parameter.name === name)?.schema ?? {};
    return fc.oneof(
      { weight: 4, arbitrary: textFor(schema).map(encode) },
      { weight: 1, arbitrary: oddText.map(encode) },
      { weight: 1, arbitrary: oddNumberLiteral.map(encode) },
      { weight: 1, arbitrary: addressText },
    );
  });
  const written = fc.tuple(...parts).map((texts) => texts.join('/'));
  return fc.oneof(
    { weight: 20, arbitrary: written },
    { weight: 1, arbitrary: written.map((text) => `${text}/`) },
    { weight: 1, arbitrary: written.map((text) => text.toUpperCase()) },
    { weight: 1, arbitrary: written.map((text) => `http://127.0.0.1${text}`) },
    { weight: 1, arbitrary: written.map((text) => text.replaceAll('/', '//')) },
    { weight: 1, arbitrary: written.map((text) => `${text}/../..${text}`) },
    { weight: 1, arbitrary: fc.tuple(written, addressText).map(([text, more]) => `${text}/${more}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('*', '//', '/%', '/%2e%2e/', 'http://[/', '/?', '/..', '/\\', 'http:///x'),
    },
  );
}

function queryFor({ parameters }: DescribedOperation): Arbitrary<string> {
  const known = parameters.filter((parameter) => parameter.in === 'query');
  const fitting = known.map((parameter) =>
    fc
      .tuple(fc.constant(parameter.name), textFor(parameter.schema))
      .map(([name, value]) => `${name}=${encode(value)}`),
  );
  const odd = fc
    .tuple(
      fc.oneof(fc.constantFrom(...known.map(({ name }) => name), 'a[b][c]', '__proto__'), addressText),
      fc.oneof(oddText.map(encode), oddNumberLiteral.map(encode), addressText),
    )
    .map(([name, value]) => `${name}=${value}`);
  const one =
    fitting.length > 0
      ? fc.oneof({ weight: 3, arbitrary: fc.oneof(...fitting) }, { weight: 1, arbitrary: odd })
      : odd;
  return fc.oneof(
    { weight: known.length > 0 ? 1 : 6, arbitrary: fc.constant('') },
    {
      weight: 3,
      arbitrary: fc.array(one, { minLength: 1, maxLength: 4 }).map((pairs) => `?${pairs.join('&')}`),
    },
    { weight: 1, arbitrary: fc.integer({ min: 100, max: 2000 }).map((count) => `?${'a&'.repeat(count)}`) },
  );
}

/** What may stand in the first line of a request without being readable as an address. */
const addressText = fc.oneof(
  fc.constantFrom(
    '%',
    '%zz',
    '%ff',
    '%00',
    '%2f',
    '%252e',
    '..%5c',
    '.',
    '..',
    ';a=b',
    '@',
    ':',
    '[',
    '{x}',
    '|',
    '^',
    '"',
    "'",
  ),
  fc.stringMatching(/^[!-~]{1,30}$/).map((text) => text.replaceAll(/[#?]/g, '')),
);

const oddHeader: Arbitrary<Header> = fc.oneof(
  fc.constantFrom<Header[]>(
    ['Accept', 'text/html'],
    ['Accept', '*/*;q=0'],
    ['Accept', ','.repeat(1000)],
    ['Accept-Encoding', 'br;q=1, gzip;q=0'],
    ['Accept-Language', 'x'.repeat(1000)],
    ['Content-Encoding', 'gzip'],
    ['Content-Encoding', 'br, gzip'],
    ['Content-Encoding', 'identity'],
    ['Content-Type', 'application/json; charset=utf-16'],
    ['Content-Type', 'application/json; charset="'],
    ['Content-Type', 'application/json; charset=utf-8; charset=latin1'],
    ['Content-Type', 'text/plain'],
    ['Content-Type', 'application/x-www-form-urlencoded'],
    ['Content-Type', 'multipart/form-data; boundary=x'],
    ['Content-Type', ''],
    ['Content-Type', ';'],
    ['Content-Type', 'application/json/json'],
    ['Expect', '100-continue'],
    ['Expect', '200-ok'],
    ['Upgrade', 'websocket'],
    ['Upgrade', 'h2c'],
    ['Connection', 'close, upgrade'],
    ['Range', 'bytes=0-1'],
    ['If-None-Match', '*'],
    ['If-Modified-Since', 'yesterday'],
    ['Authorization', 'Basic ='],
    ['Authorization', `Bearer ${'x'.repeat(2000)}`],
    ['Cookie', 'a=b; '.repeat(500)],
    ['X-Forwarded-For', '::1, evil'],
    ['X-Forwarded-Host', 'evil'],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['X-Request-Id', 'a b'],
    ['X-Request-Id', 'x'.repeat(500)],
    ['X-Request-Id', 'abc-1'],
    ['Idempotency-Key', ''],
    ['Idempotency-Key', '"quoted"'],
    ['Idempotency-Key', 'x'.repeat(256)],
    ['X-Idempotency-Key', 'other'],
    ['Last-Event-ID', '-1'],
    ['Host', 'second'],
    ['X-Big', 'x'.repeat(12_000)],
    ['X-Too-Big', 'x'.repeat(20_000)],
    ['X-Latin', '\u00e9\u00ff'],
  ),
  fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,20}$/), fc.stringMatching(/^[\t -~\u0080-\u00ff]{0,60}$/)),
);

function headersFor({ parameters }: DescribedOperation): Arbitrary<Header[]> {
  const known = parameters.filter((parameter) => parameter.in === 'header');
  const fitting = known.map((parameter) =>
    fc
      .option(
        fc.oneof(
          {
            weight: parameter.required ? 9 : 1,
            arbitrary: textFor(parameter.schema).map((text) => text.replaceAll(/[^\t -~]/g, '')),
          },
          // Few different ones, so that they meet.
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }).map((number) => `key-${number}`) },
          { weight: 1, arbitrary: fc.stringMatching(/^[!-~]{1,260}$/) },
          { weight: 1, arbitrary: fc.stringMatching(/^[\u0080-\u00ff ]{1,20}$/) },
        ),
        { freq: parameter.required ? 10 : 2 },
      )
      .map((value): Header[] => (value === null ? [] : [[parameter.name, value]])),
  );
  return fc
    .tuple(
      fc.oneof(
        { weight: 12, arbitrary: fc.constant<Header[]>([['Content-Type', 'application/json']]) },
        { weight: 1, arbitrary: fc.constant<Header[]>([]) },
      ),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant<Header[]>([]) },
        { weight: 2, arbitrary: fc.array(oddHeader, { minLength: 1, maxLength: 3 }) },
      ),
      ...fitting,
    )
    .map((groups) => groups.flat());
}

function bodyFor({ bodySchema }: DescribedOperation): Arbitrary<Buffer> {
  const nearly = jsonFor(bodySchema, { oddity: 12 });
  return fc.oneof(
    { weight: 8, arbitrary: jsonFor(bodySchema, { oddity: 0 }).map(bytes) },
    { weight: 10, arbitrary: nearly.map(bytes) },
    { weight: 2, arbitrary: oddJson.map(bytes) },
    { weight: 1, arbitrary: fc.constant(Buffer.alloc(0)) },
    { weight: 1, arbitrary: nearly.map((json) => bytes(`\ufeff${json}`)) },
    { weight: 1, arbitrary: nearly.map((json) => Buffer.from(json, 'utf16le')) },
    { weight: 1, arbitrary: nearly.map((json) => Buffer.from(json.replace('{', '{"é": 1,'), 'latin1')) },
    { weight: 1, arbitrary: nearly.map((json) => gzipSync(json)) },
    { weight: 1, arbitrary: nearly.map((json) => bytes(json.slice(0, -1))) },
    { weight: 1, arbitrary: nearly.map((json) => bytes(`${json}${json}`)) },
    { weight: 1, arbitrary: nearly.map((json) => bytes(json.replace('}', `,"x":"${'x'.repeat(70_000)}"}`))) },
    { weight: 1, arbitrary: nearly.map((json) => bytes(' '.repeat(60_000) + json)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)) },
  );
}

/** Bytes that are no request at all, or stop being one half-way. */
export const garbage: Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 500 }).map((array) => Buffer.from(array)),
  fc
    .constantFrom(
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET / HTTP/1.0\r\n\r\n',
      'GET /api/v1/health HTTP/1.1\r\n\r\n',
      'GET\r\n\r\n',
      '\r\n\r\n\r\n',
      'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      'POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 1e9\r\n\r\n',
      'POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      'POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}',
      'POST /api/v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n{}',
      'POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'POST /api/v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\n folded: yes\r\n\r\n',
      'GET / HTTP/1.1\nHost: x\n\n',
      'GET / HTTP/1.1\r\nHost: x\r\nX: \u0000\r\n\r\n',
      '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
    )
    .map(bytes),
  fc.stringMatching(/^[A-Z]{1,10} [!-~]{1,50} HTTP\/1\.1\r\nHost: x\r\n\r\n$/).map(bytes),
);

function bytes(text: string): Buffer {
  return Buffer.from(text);
}

/** Percent-encoding that takes half of a surrogate pair too. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
