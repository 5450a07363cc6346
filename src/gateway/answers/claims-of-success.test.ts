import fc from 'fast-check';
import { CONTRACT_MAPPING } from '../../process/settings/gateway-answer-mapping.ts';
import { claimsInText } from './claims-in-text.ts';
import { classifyInquiryAnswer, classifyPayAnswer } from './classify-outcome.ts';
import { readBody } from './read-answer.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');

/** As they come over the wire. */
function hear(httpStatus: number, text: string, contentType = 'application/json') {
  const body = readBody(text, contentType);
  const answer = {
    httpStatus,
    body,
    unreadText: body === undefined ? text : undefined,
    retryAfter: undefined,
  };
  return {
    pay: classifyPayAnswer(answer, { nowMs }),
    inquiry: classifyInquiryAnswer(answer, { nowMs, reference: '42-abc' }),
  };
}
const hearJson = (httpStatus: number, body: unknown) => hear(httpStatus, JSON.stringify(body));

const CLAIM = { kind: 'unknown', errorClass: 'claimed_success' };
const SUCCESS = { status: 'succeeded', gateway_reference: 'gw-1' };

describe('an answer that speaks of success and cannot be taken for one is a claim', () => {
  test.each([202, 206, 302, 400, 401, 402, 403, 404, 408, 409, 422, 425, 429, 500, 502, 503, 504])(
    'as %i with the word in its field',
    (httpStatus) => {
      expect(hearJson(httpStatus, SUCCESS)).toMatchObject({ pay: CLAIM, inquiry: CLAIM });
    },
  );

  test.each<[number, unknown]>([
    [200, { ...SUCCESS, errors: ['E1'] }],
    [200, { ...SUCCESS, success: false }],
    [200, { ...SUCCESS, message: 'could not be processed' }],
    [200, { ...SUCCESS, amount: { value: 1 } }],
    [200, { ...SUCCESS, Amount: 1 }],
    [200, { ...SUCCESS, data: { state: 'pending' } }],
    [200, { status: 'declined', data: { state: 'succeeded' } }],
    [200, { status: 'declined', paid: true }],
    [200, { status: 'pending', state: 'SUCCEEDED' }],
    [200, { Status: 'Succeeded' }],
    [200, { success: true }],
    [200, { status: 'completed' }],
    [200, { payment: { captured: true } }],
    [200, [SUCCESS]],
    [200, 'succeeded'],
    [200, ' {"status":"succeeded"} '],
    [200, { result: '{"status":"succeeded"}' }],
    [200, { answer: '<status>succeeded</status>' }],
    [402, { code: 'declined', status: 'succeeded' }],
    [404, { code: 'payment_not_found', message: 'the payment succeeded and was archived' }],
    [404, { code: 'payment_not_found', approved: true }],
    [429, { message: 'payment_succeeded; too many requests' }],
    [500, { error: 'timeout', message: 'The payment succeeded, but we could not write it down' }],
    [500, { data: { payment: { state: 'succeeded' } } }],
  ])('as %i with %j', (httpStatus, body) => {
    expect(hearJson(httpStatus, body)).toMatchObject({ pay: CLAIM, inquiry: CLAIM });
  });

  test.each<[string, string]>([
    ['{"status":"succeeded"}', 'text/html'],
    ['{"status":"failed","status":"succeeded"}', 'application/json'],
    ['{"status":"succeeded","gateway_ref', 'application/json'],
    ['<answer><status>SUCCEEDED</status></answer>', 'application/xml'],
    ['status=succeeded&id=gw-1', 'application/x-www-form-urlencoded'],
    ['The payment succeeded.', 'text/plain'],
    ['data: {"status":"succeeded"}\n\n', 'text/event-stream'],
    ['{"error":"no","code":0,"status":"succeeded",}', 'application/json'],
  ])('as 200 with %j of the type %s', (text, contentType) => {
    expect(hear(200, text, contentType)).toMatchObject({ pay: CLAIM, inquiry: CLAIM });
  });
});

test.each<[string, string]>([
  ['<html><body>502 Bad Gateway</body></html>', 'text/html'],
  ['<status>declined</status>', 'application/xml'],
  ['The payment has not succeeded.', 'text/plain'],
  ['the payment hasn’t succeeded', 'text/plain'],
  ['not_succeeded', 'text/plain'],
  ['succeeded: false', 'text/plain'],
  ['<succeeded>0</succeeded>', 'application/xml'],
  ['unsucceeded, succeededish', 'text/plain'],
  ['{"message":"No payment succeeded under this key"}', 'application/json'],
  ['{"status":"pending","approved":true}', 'application/json'],
  ['{"error":"boom","succeeded":false,"message":"nothing succeeded"}', 'application/json'],
])('%j (%s) claims nothing', (text, contentType) => {
  for (const httpStatus of [200, 500]) {
    const { pay, inquiry } = hear(httpStatus, text, contentType);
    expect(pay).toMatchObject({ kind: 'unknown', errorClass: expect.not.stringMatching('claimed') });
    expect(inquiry).toMatchObject({ kind: 'unknown', errorClass: expect.not.stringMatching('claimed') });
  }
});

test('a clear word in its field is no claim, whatever the prose says', () => {
  const declined = { status: 'declined', message: '3-D Secure succeeded, the issuer declined' };
  expect(hearJson(200, declined)).toMatchObject({ pay: { kind: 'refused' }, inquiry: { kind: 'refused' } });
  expect(hearJson(200, SUCCESS)).toMatchObject({ pay: { kind: 'succeeded' } });
});

test('the word is found wherever it stands alone', () => {
  const around = fc
    .stringMatching(/^[a-z0-9 .,;:{}"<>/]{0,200}$/)
    .filter((text) => !/no|n't|if|un|0/.test(text));
  fc.assert(
    fc.property(around, around, (before, after) =>
      claimsInText(`${before} <b>succeeded</b> ${after}`, CONTRACT_MAPPING.succeededWords),
    ),
  );
});

/** What a gateway or something before it might say in a form that the contract does not know. */
const OTHER_FORMS: readonly [string, string][] = [
  ['{"answer":"{\\"status\\":\\"declined\\"}"}', 'application/json'],
  ['"{\\"status\\":\\"declined\\"}"', 'application/json'],
  ['"declined"', 'application/json'],
  ['[{"status":"declined"}]', 'application/json'],
  ['{"data":[{"status":"declined"}]}', 'application/json'],
  ['{"estado":"rechazado"}', 'application/json'],
  ['{"status":"rechazado"}', 'application/json'],
  ['{"status":"abgelehnt"}', 'application/json'],
  ['{"status":"refusé"}', 'application/json'],
  ['{"status":"отклонён"}', 'application/json'],
  ['{"status":"拒否"}', 'application/json'],
  ['{"status":"erfolgreich"}', 'application/json'],
  ['{"status":"réussi"}', 'application/json'],
  ['{"status":"成功"}', 'application/json'],
  ['{"status":"ѕucceeded"}', 'application/json'],
  ['{"status":"decl\u200bined"}', 'application/json'],
  ['{"status":"ｄｅｃｌｉｎｅｄ"}', 'application/json'],
  ['<payment><status>declined</status></payment>', 'application/xml'],
  ['<payment><status>succeeded</status></payment>', 'text/xml'],
  [
    '<?xml version="1.0"?><soap:Envelope><soap:Body><Status>DECLINED</Status></soap:Body></soap:Envelope>',
    'text/xml',
  ],
  ['status=declined', 'application/x-www-form-urlencoded'],
  ['declined', 'text/plain'],
  ['DECLINED 51', 'text/plain'],
  ['succeeded', 'text/plain'],
  ['OK', 'text/plain'],
  ['{"status":"declined"}', 'text/plain'],
  ['{"status":"declined"}', 'text/html'],
  ['{status:"declined"}', 'application/json'],
  ["{'status':'declined'}", 'application/json'],
  ['{"status":"declined"}{"status":"declined"}', 'application/json'],
  ['\ufeff<html>declined</html>', 'text/html'],
  ['callback({"status":"declined"})', 'application/javascript'],
];

test.each(OTHER_FORMS)('%j (%s) leads to an inquiry, whatever its status', (text, contentType) => {
  for (const httpStatus of [200, 201, 400, 402, 422, 500]) {
    const { pay, inquiry } = hear(httpStatus, text, contentType);
    expect(pay.kind).toBe('unknown');
    expect(inquiry.kind).toBe('unknown');
  }
});
