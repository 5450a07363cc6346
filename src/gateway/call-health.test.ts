import { decideCallHealth, retryAfterOf } from './call-health.ts';
import { classifyCallError } from './classify-call-error.ts';
import { classifyInquiryAnswer, classifyPayAnswer } from './classify-outcome.ts';

const answer = (httpStatus: number, retryAfter?: string) => ({ httpStatus, body: {}, retryAfter });
const send = (httpStatus: number) => decideCallHealth(classifyPayAnswer(answer(httpStatus), 0));
const ask = (httpStatus: number, body: unknown) =>
  decideCallHealth(classifyInquiryAnswer({ httpStatus, body, retryAfter: undefined }, 0));

test.each([500, 502, 503, 504, 429])('a send that is answered %i is a failure of the gateway', (status) => {
  expect(send(status)).toBe('failing');
});

test.each(['ECONNREFUSED', 'ETIMEDOUT', 'ECONNRESET', 'ENOTFOUND', 'EPROTO'])(
  'a call that ends with %s is a failure of the gateway',
  (code) => {
    expect(decideCallHealth(classifyCallError({ code, syscall: 'connect' }))).toBe('failing');
  },
);

test.each([400, 402, 404, 409, 422])(
  'a send that is answered %i is an answer of a healthy gateway',
  (status) => {
    expect(send(status)).toBe('healthy');
  },
);

test('whatever an inquiry learns is an answer of a healthy gateway, even that it does not know the payment', () => {
  expect(ask(404, { code: 'payment_not_found' })).toBe('healthy');
  expect(ask(200, { status: 'declined' })).toBe('healthy');
  expect(ask(200, { status: 'pending' })).toBe('healthy');
  expect(ask(200, { status: 'succeeded' })).toBe('healthy');
});

test('an inquiry that is answered 502 or with another one’s 404 is a failure', () => {
  expect(ask(502, {})).toBe('failing');
  expect(ask(404, '<html>')).toBe('failing');
});

test('a call that we broke off says nothing about the gateway', () => {
  expect(decideCallHealth(classifyCallError({ code: 'ERR_CANCELED', syscall: undefined }))).toBe(
    'says_nothing',
  );
});

test('what the gateway asks for in Retry-After is heard from sends and inquiries', () => {
  expect(retryAfterOf(classifyPayAnswer(answer(503, '7'), 0))).toBe(7000);
  expect(retryAfterOf(classifyInquiryAnswer(answer(429, '7'), 0))).toBe(7000);
  expect(retryAfterOf(classifyInquiryAnswer(answer(429), 0))).toBeNull();
});
