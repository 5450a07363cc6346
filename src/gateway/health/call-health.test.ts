import { classifyInquiryAnswer, classifyPayAnswer } from '../answers/classify-outcome.ts';
import { classifyCallError } from '../http/classify-call-error.ts';
import { decideCallHealth, isTurnedAway, retryAfterOf } from './call-health.ts';

const answer = (httpStatus: number, retryAfter?: string) => ({ httpStatus, body: {}, retryAfter });
const send = (httpStatus: number) => decideCallHealth(classifyPayAnswer(answer(httpStatus), { nowMs: 0 }));
const ask = (httpStatus: number, body: unknown) =>
  decideCallHealth(classifyInquiryAnswer({ httpStatus, body, retryAfter: undefined }, { nowMs: 0 }));

test.each([500, 502, 503, 504, 401, 403, 404, 405, 400, 422, 302])(
  'a send that is answered %i is a failure of the gateway',
  (status) => {
    expect(send(status)).toBe('failing');
  },
);

test.each(['ECONNREFUSED', 'ETIMEDOUT', 'ECONNRESET', 'ENOTFOUND', 'EPROTO'])(
  'a call that ends with %s is a failure of the gateway',
  (code) => {
    expect(decideCallHealth(classifyCallError({ code, syscall: 'connect' }))).toBe('failing');
  },
);

test('a refusal in the gateway’s own words, and a conflict, are answers of a healthy gateway', () => {
  const refusal = { httpStatus: 402, body: { code: 'declined' }, retryAfter: undefined };
  expect(decideCallHealth(classifyPayAnswer(refusal, { nowMs: 0 }))).toBe('healthy');
  expect(send(409)).toBe('healthy');
});

test('a gateway that has too many calls is limited, and works', () => {
  expect(send(429)).toBe('limited');
  expect(ask(429, {})).toBe('limited');
});

test.each([429, 401, 403, 404, 405, 407, 413, 415, 451, 400, 302])(
  'a call that is answered %i was turned away',
  (status) => {
    expect(isTurnedAway(classifyPayAnswer(answer(status), { nowMs: 0 }))).toBe(true);
    expect(isTurnedAway(classifyInquiryAnswer(answer(status), { nowMs: 0 }))).toBe(true);
  },
);

test.each([200, 202, 408, 409, 425, 500, 503])('a call that is answered %i was not turned away', (status) => {
  expect(isTurnedAway(classifyPayAnswer(answer(status), { nowMs: 0 }))).toBe(false);
});

test('whatever an inquiry learns is an answer of a healthy gateway, even that it does not know the payment', () => {
  expect(ask(404, { code: 'payment_not_found' })).toBe('healthy');
  expect(ask(200, { status: 'declined' })).toBe('healthy');
  expect(ask(200, { status: 'pending' })).toBe('healthy');
  expect(ask(200, { status: 'succeeded' })).toBe('healthy');
});

test('an inquiry that is answered 502, or with the 404 of something in between, is a failure', () => {
  expect(ask(502, {})).toBe('failing');
  expect(ask(404, '<html>')).toBe('failing');
});

test('a call that we aborted says nothing about the gateway', () => {
  expect(decideCallHealth(classifyCallError({ code: 'ERR_CANCELED', syscall: undefined }))).toBe(
    'says_nothing',
  );
});

test('Retry-After counts in answers to sends and to inquiries', () => {
  expect(retryAfterOf(classifyPayAnswer(answer(503, '7'), { nowMs: 0 }))).toBe(7000);
  expect(retryAfterOf(classifyInquiryAnswer(answer(429, '7'), { nowMs: 0 }))).toBe(7000);
  expect(retryAfterOf(classifyInquiryAnswer(answer(429), { nowMs: 0 }))).toBeNull();
});

test('a call that we withheld or gave up says nothing about the gateway', () => {
  for (const errorClass of ['withheld', 'aborted'] as const) {
    const unsent = {
      kind: 'not_executed',
      errorClass,
      message: '',
      httpStatus: null,
      retryAfterMs: null,
    } as const;
    expect(decideCallHealth(unsent)).toBe('says_nothing');
  }
});
