import { createJudge, type SentAnswer } from './judge-by-description.ts';

const problem = (...codes: string[]) => ({
  content: {
    'application/problem+json': {
      schema: { type: 'object', required: ['code'], properties: { code: { type: 'string' } } },
      examples: Object.fromEntries(codes.map((code) => [code, {}])),
    },
  },
  headers: { 'Retry-After': { required: true, schema: { type: 'string' } } },
});
const judge = createJudge(
  {
    components: {
      schemas: {
        Thing: {
          type: 'object',
          required: ['id', 'at'],
          properties: {
            id: { type: 'integer' },
            at: { type: 'string', format: 'date-time' },
          },
        },
      },
    },
    paths: {
      '/api/things/{id}': {
        get: {
          responses: {
            200: {
              content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
              headers: { ETag: { required: true, schema: { type: 'string' } } },
            },
            304: { headers: {} },
            503: problem('overloaded'),
          },
        },
      },
    },
  },
  ['/api/things/hidden'],
);

const sound: SentAnswer = {
  method: 'GET',
  target: '/api/things/1?a=b',
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8', etag: '"x"' },
  body: '{"id":1,"at":"2026-11-21T06:29:35.053Z","more":true}',
};
const busy: SentAnswer = {
  ...sound,
  status: 503,
  headers: { 'content-type': 'application/problem+json', 'retry-after': '1' },
  body: '{"code":"overloaded","status":503}',
};
const notFound: SentAnswer = {
  ...sound,
  target: '/api/things/hidden',
  status: 404,
  headers: { 'content-type': 'application/problem+json' },
  body: '{"code":"not-found","status":404}',
};

test.each<[string, SentAnswer]>([
  ['an answer that fits', sound],
  ['with a slash at the end, in capitals', { ...sound, target: '/API/Things/1/' }],
  ['to an address in full', { ...sound, target: 'http://localhost/api/things/1' }],
  ['to HEAD', { ...sound, method: 'HEAD', body: '' }],
  ['without a body', { ...sound, status: 304, headers: {}, body: '' }],
  ['that is a problem', busy],
  ['that another listener would give', notFound],
  ['of a page', { ...sound, target: '/docs/', headers: { 'content-type': 'text/html' }, body: '<html>' }],
  [
    'to a method that is not there',
    {
      ...notFound,
      target: '/api/things/1',
      method: 'PUT',
      status: 405,
      headers: { ...notFound.headers, allow: 'GET, HEAD' },
      body: '{"status":405}',
    },
  ],
])('a correct answer %s is accepted', (_what, answer) => {
  expect(judge(answer)).toBeUndefined();
});

test.each<[string, Partial<SentAnswer>, RegExp]>([
  ['another status', { status: 202 }, /status is not described/],
  ['another media type', { headers: { ...sound.headers, 'content-type': 'text/html' } }, /text\/html/],
  ['a member of another type', { body: '{"id":"1","at":"2026-11-21T06:29:35Z"}' }, /id must be integer/],
  ['a member missing', { body: '{"id":1}' }, /must have required property 'at'/],
  ['a time without its zone', { body: '{"id":1,"at":"2026-11-21 06:29"}' }, /at must match format/],
  ['no ETag', { headers: { 'content-type': 'application/json' } }, /header ETag is missing/],
  ['a Location', { headers: { ...sound.headers, location: '/x' } }, /header Location is not described/],
  ['a body where there is none', { ...sound, status: 304, headers: {} }, /no body/],
  ['another problem', { ...busy, body: '{"code":"internal","status":503}' }, /internal is not described/],
  ['the status of another', { ...busy, body: '{"code":"overloaded","status":500}' }, /another status/],
  ['no Retry-After', { ...busy, headers: { 'content-type': 'application/problem+json' } }, /Retry-After/],
  ['an address that is none', { target: '/api/others' }, /path is not described/],
  ['an Allow of another path', { ...notFound, target: '/api/things/1', method: 'PUT', status: 405 }, /Allow/],
  ['bare text', { ...notFound, headers: { 'content-type': 'text/plain' } }, /no problem document/],
])('an answer with %s is detected', (_what, change, message) => {
  expect(judge({ ...sound, ...change })).toMatch(message);
});
