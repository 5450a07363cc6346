import fc from 'fast-check';
import { classifyInquiryAnswer, classifyPayAnswer } from './classify-outcome.ts';
import { GATEWAY_ERROR_CLASSES } from './gateway-failure.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const pay = (httpStatus: number, body: unknown = undefined, retryAfter?: string) =>
  classifyPayAnswer({ httpStatus, body, retryAfter }, NOW);
const inquiry = (httpStatus: number, body: unknown = undefined) =>
  classifyInquiryAnswer({ httpStatus, body, retryAfter: undefined }, 0);

describe('the answer to a send', () => {
  test.each([
    [200, { status: 'succeeded', gateway_reference: 'gw-1' }, 'succeeded'],
    [200, { status: 'SUCCESS' }, 'succeeded'],
    [201, { id: 'x' }, 'succeeded'],
    [200, { error: null }, 'succeeded'],
    [202, { status: 'succeeded' }, 'succeeded'],
    [200, undefined, 'unknown'],
    [200, 'ok', 'unknown'],
    [200, [{ status: 'succeeded' }], 'unknown'],
    [200, { status: 'declined' }, 'unknown'],
    [200, { status: 'cancelled' }, 'unknown'],
    [200, { status: null }, 'unknown'],
    [200, { status: false }, 'unknown'],
    [200, { success: false }, 'unknown'],
    [200, { ok: false }, 'unknown'],
    [200, { error: 'no such account' }, 'unknown'],
    [200, { status: 'succeeded', error: { code: 1 } }, 'unknown'],
    [202, { id: 'x' }, 'unknown'],
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

  test('is never definite when the gateway had a fault, whatever its body claims', () => {
    const openStatus = fc.oneof(
      fc.integer({ min: 500, max: 599 }),
      fc.integer({ min: 300, max: 399 }),
      fc.constantFrom(408, 409, 425),
    );
    const claim = fc.constantFrom('succeeded', 'declined', 'refused', 'payment_not_found');
    fc.assert(
      fc.property(openStatus, claim, (httpStatus, word) => {
        const body = { status: word, code: word, success: true };
        expect(pay(httpStatus, body).kind).toBe('unknown');
        expect(inquiry(httpStatus, body).kind).toBe('unknown');
      }),
    );
  });

  test('is a success in the body only in a word that means success', () => {
    const successWords = /^(succeeded|success|successful|completed|executed|paid|settled|ok)$/i;
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('succeeded', 'failed', 'void')), (status) => {
        expect(pay(200, { status }).kind).toBe(successWords.test(status) ? 'succeeded' : 'unknown');
      }),
    );
  });

  test.each([
    [{ gateway_reference: 'gw-1', id: 'x', reference: 'ours' }, 'gw-1'],
    [{ id: 17, reference: 'ours' }, '17'],
    [{ reference: 'r-1' }, 'r-1'],
    [{ gateway_reference: '' }, null],
    [{ gateway_reference: 'a\0b' }, 'ab'],
    [{}, null],
  ])('names the gateway reference of %j as %s', (body, gatewayReference) => {
    expect(pay(200, { status: 'succeeded', ...body })).toMatchObject({ gatewayReference });
  });

  test('carries the pause that the gateway asks for, where it may be called again', () => {
    expect(pay(429, {}, '2')).toMatchObject({ kind: 'not_executed', retryAfterMs: 2000 });
    expect(pay(503, {}, '2')).toMatchObject({ kind: 'unknown', retryAfterMs: 2000 });
    expect(pay(503, {}, 'in a while')).toMatchObject({ kind: 'unknown', retryAfterMs: null });
  });

  test('has an error class from the fixed list for every status', () => {
    for (let httpStatus = 100; httpStatus < 1000; httpStatus++) {
      for (const outcome of [pay(httpStatus, {}), pay(httpStatus), inquiry(httpStatus, {})]) {
        if ('errorClass' in outcome) expect(GATEWAY_ERROR_CLASSES).toContain(outcome.errorClass);
      }
    }
    expect(pay(999)).toMatchObject({ kind: 'unknown', errorClass: 'other' });
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
    [200, { status: 'refused' }, 'refused'],
    [200, { status: 'whatever' }, 'unknown'],
    [200, { status: 'succeeded', error: 'lost' }, 'unknown'],
    [200, {}, 'unknown'],
    [200, { id: 'x' }, 'unknown'],
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

  test('is "not found" only as the gateway says it, with its own status and code', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(
          fc.constant({ code: 'payment_not_found' }),
          fc.json().map((text) => JSON.parse(text)),
        ),
        (httpStatus, body) => {
          const isItsOwnWord = httpStatus === 404 && body?.code === 'payment_not_found';
          expect(inquiry(httpStatus, body).kind === 'not_found').toBe(isItsOwnWord);
        },
      ),
    );
  });
});
