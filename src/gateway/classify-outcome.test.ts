import fc from 'fast-check';
import {
  classifyCallError,
  classifyInquiryAnswer,
  classifyPayAnswer,
  parseRetryAfterMs,
} from './classify-outcome.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const pay = (httpStatus: number, body: unknown = undefined, retryAfter?: string) =>
  classifyPayAnswer({ httpStatus, body, retryAfter }, NOW);
const inquiry = (httpStatus: number, body: unknown = undefined) =>
  classifyInquiryAnswer({ httpStatus, body, retryAfter: undefined });

describe('the answer to a send', () => {
  test.each([
    [200, { status: 'succeeded', gateway_reference: 'gw-1' }, 'succeeded'],
    [201, { id: 'x' }, 'succeeded'],
    [200, undefined, 'unknown'],
    [200, 'ok', 'unknown'],
    [200, { status: 'declined' }, 'unknown'],
    [202, { status: 'pending' }, 'unknown'],
    [204, undefined, 'unknown'],
    [302, undefined, 'unknown'],
    [400, {}, 'refused'],
    [401, {}, 'refused'],
    [402, { message: 'declined' }, 'refused'],
    [404, {}, 'refused'],
    [408, {}, 'unknown'],
    [409, {}, 'unknown'],
    [422, {}, 'refused'],
    [425, {}, 'unknown'],
    [429, {}, 'not_executed'],
    [500, {}, 'unknown'],
    [502, {}, 'unknown'],
    [503, {}, 'unknown'],
  ])('%s with %j is %s', (httpStatus, body, kind) => {
    expect(pay(httpStatus, body).kind).toBe(kind);
  });

  test('is definite about a failure only for a final 4xx and for 429', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 999 }),
        fc.json().map((text) => JSON.parse(text)),
        (httpStatus, body) => {
          const { kind } = pay(httpStatus, body);
          const isFinal4xx =
            httpStatus >= 400 && httpStatus < 500 && ![408, 409, 425, 429].includes(httpStatus);
          if (kind === 'refused') expect(isFinal4xx).toBe(true);
          if (kind === 'not_executed') expect(httpStatus).toBe(429);
          if (kind === 'succeeded') expect(httpStatus >= 200 && httpStatus < 300).toBe(true);
        },
      ),
    );
  });

  test('says what the gateway said, in bounds and without what a database cannot store', () => {
    const outcome = pay(402, { message: `no\0pe${'x'.repeat(1000)}` });
    expect(outcome).toMatchObject({ kind: 'refused', httpStatus: 402, errorClass: 'refused' });
    expect('message' in outcome && outcome.message).toMatch(/^HTTP 402: nopex+$/);
    expect('message' in outcome && outcome.message.length).toBe(300);
  });
});

describe('the answer to an inquiry', () => {
  test.each([
    [200, { status: 'succeeded' }, 'succeeded'],
    [200, { status: 'declined' }, 'refused'],
    [200, { status: 'pending' }, 'unknown'],
    [200, { status: 'whatever' }, 'unknown'],
    [200, '<html>', 'unknown'],
    [404, { code: 'payment_not_found' }, 'not_found'],
    [404, undefined, 'unknown'],
    [404, { code: 'no_such_route' }, 'unknown'],
    [401, {}, 'unknown'],
    [429, {}, 'unknown'],
    [502, {}, 'unknown'],
  ])('%s with %j is %s', (httpStatus, body, kind) => {
    expect(inquiry(httpStatus, body).kind).toBe(kind);
  });
});

describe('a call without an answer', () => {
  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])(
    '%s was never sent',
    (code) => {
      expect(classifyCallError(code).kind).toBe('not_executed');
    },
  );

  test.each([
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ECONNABORTED',
    'ERR_CANCELED',
    'ERR_BAD_RESPONSE',
    'EWHATEVER',
    undefined,
  ])('%s may have executed', (code) => {
    expect(classifyCallError(code).kind).toBe('unknown');
  });
});

describe('Retry-After', () => {
  test.each([
    ['2', 2000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['999999', 3_600_000],
    ['-5', null],
    ['soon', null],
    ['Wed, 31 Dec 2025 00:00:00 GMT', null],
    [undefined, null],
  ])('%s means %s ms', (value, expected) => {
    expect(parseRetryAfterMs(value, NOW)).toBe(expected);
  });
});
