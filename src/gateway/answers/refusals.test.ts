import { classifyInquiryAnswer, classifyPayAnswer } from './classify-outcome.ts';

const read = { nowMs: 0 };
const pay = (httpStatus: number, body: unknown) =>
  classifyPayAnswer({ httpStatus, body, retryAfter: undefined }, read);
const inquiry = (httpStatus: number, body: unknown) =>
  classifyInquiryAnswer({ httpStatus, body, retryAfter: undefined }, { ...read, reference: '42-abc' });

/** What is answered at the door: by a gateway that does not know us, by a limit, by whatever stands before it. */
const AT_THE_DOOR: readonly [string, object][] = [
  ['unauthorized', { error: 'invalid_api_key' }],
  ['unauthorized', { error: 'InvalidApiKey' }],
  ['unauthorized', { message: 'Invalid API key provided: sk_test_***' }],
  ['unauthorized', { error: { type: 'authentication_error', message: 'No such key' } }],
  ['unauthorized', { error: 'authentication_failed' }],
  ['unauthorized', { error: 'AuthenticationFailed', message: 'Server failed to authenticate the request' }],
  ['unauthorized', { title: 'Unauthorized' }],
  ['unauthorized', { message: 'You are not authorized to perform this action' }],
  ['unauthorized', { errors: [{ code: 'NOT_AUTHORIZED', detail: 'insufficient permissions' }] }],
  ['unauthorized', { errors: { api_key: ['is invalid'] } }],
  ['unauthorized', { error_description: 'The access token expired' }],
  ['unauthorized', { code: 'invalid_token' }],
  ['unauthorized', { code: 'bad_credentials' }],
  ['unauthorized', { code: 'key_expired' }],
  ['unauthorized', { message: 'Authorization header is missing' }],
  ['unauthorized', { error: 'signature_mismatch' }],
  ['unauthorized', { reason: 'HMAC verification failed' }],
  ['unauthorized', { error: 'forbidden' }],
  ['unauthorized', { message: 'Access denied' }],
  ['unauthorized', { error: 'blocked' }],
  ['unauthorized', { error: 'ip_blocked' }],
  ['unauthorized', { message: 'Your IP address 10.0.0.1 is not whitelisted' }],
  ['unauthorized', { message: 'Request blocked by the firewall', id: '7f2e' }],
  [
    'unauthorized',
    { message: 'The requested URL was rejected. Please consult with your administrator.', id: 7 },
  ],
  ['unauthorized', { action: 'block', source: 'waf' }],
  ['unauthorized', { error: 'merchant_disabled' }],
  ['unauthorized', { error: 'unknown client' }],
  ['unauthorized', { code: 'permission_denied' }],
  ['unauthorized', { message: 'client certificate required' }],
  ['rate_limited', { error: 'rate_limit_exceeded' }],
  ['rate_limited', { message: 'Too many requests, try again later' }],
  ['rate_limited', { error: 'ThrottlingException: Throttled' }],
  ['rate_limited', { code: 'quota_exceeded' }],
  ['conflict', { error: 'idempotency_key_in_use' }],
  ['conflict', { error: 'duplicate_transaction' }],
  ['conflict', { message: 'This payment was already processed' }],
];

test.each(AT_THE_DOOR)('%s: a refusal that says %j refuses no payment', (errorClass, said) => {
  for (const status of ['declined', 'rejected', 'refused']) {
    const body = { status, ...said };
    // Even where it names the payment, or comes with the status of a declined one.
    for (const whole of [body, { ...body, reference: '42-abc', amount: '50.00' }]) {
      for (const httpStatus of [200, 400, 402, 422])
        expect(pay(httpStatus, whole)).toMatchObject({ kind: 'unknown', errorClass });
      expect(inquiry(200, whole)).toMatchObject({ kind: 'unknown', errorClass });
    }
    for (const httpStatus of [401, 403, 404]) expect(pay(httpStatus, body).kind).toBe('unknown');
  }
});

test.each([400, 406, 410, 412, 422, 423, 424])(
  '%i refuses only with a reason that the gateway alone can know',
  (httpStatus) => {
    const bare = [
      { status: 'rejected' },
      { status: 'declined' },
      { status: 'rejected', id: '7f2e' },
      { status: 'rejected', request_id: '7f2e', message: 'Bad Request' },
      { code: 'rejected' },
      { code: 'declined', status: httpStatus },
    ];
    for (const body of bare)
      expect(pay(httpStatus, body)).toMatchObject({ kind: 'unknown', errorClass: 'http_4xx' });
    const proven = [
      { status: 'rejected', reference: '42-abc' },
      { status: 'declined', amount: '50.00' },
      { status: 'declined', gateway_reference: 'gw-1' },
      { code: 'card_declined' },
      { code: 'insufficient_funds', status: httpStatus },
      { status: 'declined', code: 'card_declined', message: 'Your card was declined' },
    ];
    for (const body of proven) expect(pay(httpStatus, body)).toMatchObject({ kind: 'refused' });
  },
);

/** What issuers and 3-D Secure say. */
test.each<[object]>([
  [{}],
  [{ code: 'authentication_failed' }],
  [{ code: 'authentication_required' }],
  [{ decline_code: 'authentication_required' }],
  [{ reason: 'authentication_not_completed' }],
  [{ refusal_reason: 'Authentication required' }],
  [{ error: { code: 'authentication_required', decline_code: 'authentication_required' } }],
  [{ code: 'card_declined', message: '3-D Secure authentication failed' }],
  [{ message: '3DS authentication was abandoned' }],
  [{ message: 'Cardholder authentication failed' }],
  [{ message: 'Strong customer authentication required' }],
  [{ message: 'Authorization declined' }],
  [{ message: 'The authorisation was refused by the issuer' }],
  [{ message: 'Transaction not authorized by the issuing bank' }],
  [{ message: 'Transaction not permitted to cardholder' }],
  [{ code: 'card_blocked' }],
  [{ message: 'Card blocked by issuer' }],
  [{ code: 'stolen_card' }],
  [{ code: 'insufficient_funds' }],
  [{ code: 'withdrawal_count_limit_exceeded' }],
  [{ message: 'Exceeds the daily limit' }],
  [{ message: 'PIN tries exceeded' }],
  [{ message: 'Do not honor' }],
  [{ message: 'Incorrect security code' }],
  [{ message: 'Expired card' }],
  [{ network_status: 'declined_by_network', risk: 'elevated' }],
])('a refusal that says %j is about the payment', (said) => {
  const body = { status: 'declined', ...said };
  expect(pay(200, body)).toMatchObject({ kind: 'refused' });
  expect(pay(402, body)).toMatchObject({ kind: 'refused' });
  expect(pay(400, { ...body, reference: '42-abc' })).toMatchObject({ kind: 'refused' });
  expect(inquiry(200, body)).toMatchObject({ kind: 'refused' });
});

test('"not found" about a user whom the gateway does not know says nothing about the payment', () => {
  const body = { code: 'payment_not_found' };
  expect(inquiry(404, { ...body, message: 'No payment with this idempotency key' }).kind).toBe('not_found');
  expect(inquiry(404, { ...body, message: 'A live payment exists, but a test key was used' })).toMatchObject({
    kind: 'unknown',
  });
  expect(inquiry(404, { ...body, error: 'invalid_api_key' }).kind).toBe('unknown');
});

test('an answer about access that does not refuse is told apart from one that makes no sense', () => {
  expect(pay(200, { error: 'invalid_api_key' })).toMatchObject({
    kind: 'unknown',
    errorClass: 'unauthorized',
  });
  expect(pay(400, { error: 'invalid_api_key' })).toMatchObject({
    kind: 'unknown',
    errorClass: 'unauthorized',
  });
  expect(pay(400, { error: 'too many requests' })).toMatchObject({ errorClass: 'rate_limited' });
  expect(pay(200, { status: 'pending', message: '3DS: authentication pending' })).toMatchObject({
    errorClass: 'pending',
  });
});
