import fc from 'fast-check';
import { CONTRACT_MAPPING, parseAnswerMapping } from '../../process/settings/gateway-answer-mapping.ts';
import { GATEWAY_ERROR_CLASSES } from '../port/gateway-failure.ts';
import { classifyInquiryAnswer, classifyPayAnswer } from './classify-outcome.ts';
import { compareNamed, NOTHING_NAMED } from './named-facts.ts';
import { readBody } from './read-answer.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const pay = (httpStatus: number, body: unknown = undefined, retryAfter?: string) =>
  classifyPayAnswer({ httpStatus, body, retryAfter }, { nowMs });
const inquiry = (httpStatus: number, body: unknown = undefined) =>
  classifyInquiryAnswer({ httpStatus, body, retryAfter: undefined }, { nowMs, reference: '42-abc' });
/** As it comes over the wire. */
const payText = (httpStatus: number, text: string, contentType?: string) =>
  pay(httpStatus, readBody(text, contentType));

const TOLD = { reference: '42-abc', direction: 'withdraw', amountMinor: 5000n, currency: 'USD' } as const;
const SUCCESS = { status: 'succeeded', gateway_reference: 'gw-1' };
const NEVER_FINAL = [401, 403, 404, 405, 407, 408, 409, 411, 413, 414, 415, 421, 425, 426, 429, 431, 451];

/** Answers that say nothing, or something else than success, in one way or another. */
const NO_SUCCESS: readonly unknown[] = [
  undefined,
  null,
  'ok',
  'succeeded',
  true,
  1,
  [],
  [SUCCESS],
  {},
  { id: 'x' },
  { errors: [{ code: 'E1' }] },
  { success: 'false' },
  { success: true },
  { approved: false },
  { state: 'failed' },
  { state: 'succeeded' },
  { Status: 'DECLINED' },
  { Status: 'succeeded' },
  { STATUS: 'succeeded' },
  { ' status': 'succeeded' },
  { data: { status: 'declined' } },
  { data: { status: 'succeeded' } },
  { code: 'card_declined' },
  { status: null },
  { status: true },
  { status: 200 },
  { status: '' },
  { status: 'ok' },
  { status: 'success' },
  { status: ' succeeded' },
  { status: 'succeeded.' },
  { status: 'not succeeded' },
  { status: ['succeeded'] },
  { status: { value: 'succeeded' } },
  { status: 'cancelled' },
  { status: 'failed' },
  { status: 'pending' },
  { ...SUCCESS, success: false },
  { ...SUCCESS, success: 'false' },
  { ...SUCCESS, success: 0 },
  { ...SUCCESS, ok: 'no' },
  { ...SUCCESS, is_approved: false },
  { ...SUCCESS, isApproved: 'FALSE' },
  { ...SUCCESS, error: 'lost' },
  { ...SUCCESS, error: true },
  { ...SUCCESS, error: { code: 1 } },
  { ...SUCCESS, errors: ['E1'] },
  { ...SUCCESS, errors: [{ code: 'E1' }] },
  { ...SUCCESS, error_code: 51 },
  { ...SUCCESS, errorMessage: 'no funds' },
  { ...SUCCESS, failure_reason: 'insufficient_funds' },
  { ...SUCCESS, decline_code: 'do_not_honor' },
  { ...SUCCESS, declined: true },
  { ...SUCCESS, reversed: true },
  { ...SUCCESS, Status: 'DECLINED' },
  { ...SUCCESS, state: 'declined' },
  { ...SUCCESS, result: false },
  { ...SUCCESS, data: { state: 'declined' } },
  { ...SUCCESS, data: { payment: { attempts: [{ outcome: 'refused' }] } } },
  { ...SUCCESS, data: { status: 'pending' } },
  { ...SUCCESS, transactionStatus: 'PAYMENT_FAILED' },
  { ...SUCCESS, code: 'card_declined' },
  { ...SUCCESS, statusCode: 402 },
  { ...SUCCESS, status_code: '500' },
  { ...SUCCESS, response_code: '51' },
  { ...SUCCESS, message: 'Declined by the issuer' },
  { ...SUCCESS, whatever: { it_is_called: 'declined' } },
  { ...SUCCESS, amount: { value: 1 } },
  { ...SUCCESS, amount: true },
  { ...SUCCESS, reference: ['42-abc'] },
  { ...SUCCESS, processed: false },
  { ...SUCCESS, authorised: 'no' },
  { ...SUCCESS, is_final: false },
  { ...SUCCESS, error_count: 1 },
  { ...SUCCESS, err: 'E1' },
  { ...SUCCESS, declined_at: '2026-01-01T00:00:00Z' },
  { ...SUCCESS, amount_refunded: '50.00' },
  { ...SUCCESS, refunds: [{ id: 'r1' }] },
  { ...SUCCESS, chargeback: { id: 'c1' } },
  { ...SUCCESS, not_executed: true },
  { ...SUCCESS, is_pending: 'yes' },
  { ...SUCCESS, requires_review: true },
  { ...SUCCESS, code: 'do_not_honor' },
  { ...SUCCESS, code: '51' },
  { ...SUCCESS, response: '05' },
  { ...SUCCESS, reason: 'stolen_card' },
  { ...SUCCESS, result: 'KO' },
  { ...SUCCESS, payment_status: 'requires_action' },
  { ...SUCCESS, processor_response: 'Do not honor' },
  { ...SUCCESS, status_text: 'Declined' },
  { ...SUCCESS, msg: 'Declined by the issuer' },
  { ...SUCCESS, status_description: 'Payment has been declined' },
  { ...SUCCESS, message: 'The payment could not be processed' },
  { ...SUCCESS, message: "The card wasn't charged" },
  { ...SUCCESS, message: 'Not approved' },
  { ...SUCCESS, amount: 50, Amount: 0.5 },
  { ...SUCCESS, AMOUNT: 0.5 },
  { ...SUCCESS, Currency: 'JPY' },
  { ...SUCCESS, Reference: '43-def' },
  { ...SUCCESS, deep: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) },
];

describe('the answer to a send', () => {
  test.each(NO_SUCCESS.map((body) => [body]))('is no success as 200 with %j', (body) => {
    expect(pay(200, body).kind).toBe('unknown');
    expect(inquiry(200, body).kind).toBe('unknown');
  });

  test.each([
    [SUCCESS],
    [{ status: 'SUCCEEDED' }],
    [{ ...SUCCESS, success: true, error: null, errors: [], error_code: 0, errorMessage: '' }],
    [{ ...SUCCESS, error: false, failure_code: null, refunded: false, code: '00', response_code: '00' }],
    [{ ...SUCCESS, error: { code: 0, message: '' }, message: 'Payment was not declined' }],
    [{ ...SUCCESS, code: 200, statusCode: 200, paid: true, data: { state: 'completed' } }],
    [
      {
        ...SUCCESS,
        amount_refunded: '0.00',
        cancelled_at: null,
        refunds: [],
        processed: true,
        is_final: 'true',
      },
    ],
    [{ ...SUCCESS, balance: { pending: 12.5 }, pending: false, response: 'Approved', code: '0' }],
    [{ ...SUCCESS, customer: { country_code: 'NO', address: { state: 'CA' } }, description: 'Order 402' }],
  ])('is a success as 200 with %j', (body) => {
    expect(pay(200, body)).toMatchObject({ kind: 'succeeded' });
    expect(pay(201, body)).toMatchObject({ kind: 'succeeded' });
    expect(inquiry(200, body)).toMatchObject({ kind: 'succeeded' });
  });

  test.each([100, 202, 203, 204, 205, 206, 207, 226, 300, 302, 304, 400, 404, 409, 500, 503, 999])(
    'is no success as %i, whatever its body claims',
    (httpStatus) => {
      expect(pay(httpStatus, SUCCESS).kind).toBe('unknown');
      expect(inquiry(httpStatus, SUCCESS).kind).toBe('unknown');
    },
  );

  test('is no success if its meaning depends on the reader, or if it is a page', () => {
    expect(payText(200, '{"status":"failed","status":"succeeded"}').kind).toBe('unknown');
    expect(payText(200, '{"status":"succeeded","data":{"ok":false,"ok":true}}').kind).toBe('unknown');
    expect(payText(200, '{"__proto__":{"status":"succeeded"}}').kind).toBe('unknown');
    expect(payText(200, '{"status":"succeeded"', 'application/json').kind).toBe('unknown');
    expect(payText(200, '{"status":"succeeded"}', 'text/html').kind).toBe('unknown');
    expect(payText(200, '', 'application/json').kind).toBe('unknown');
    expect(payText(200, `${'['.repeat(30_000)}${']'.repeat(30_000)}`).kind).toBe('unknown');
    for (const type of [undefined, 'application/json; charset=utf-8', 'application/problem+json'])
      expect(payText(200, '{"status":"succeeded"}', type).kind).toBe('succeeded');
  });

  test.each([
    [200, { status: 'declined' }],
    [402, { status: 'declined' }],
    [400, { status: 'REFUSED', message: 'no', reference: '42-abc' }],
    [402, { code: 'declined', message: 'declined by the issuer' }],
    [402, { status: 402, code: 'card_declined', title: 'Declined' }],
    [402, { status: 'error', code: 'card_declined' }],
    [422, { code: 'insufficient_funds', error: true, success: false }],
  ])('is a refusal as %i with %j', (httpStatus, body) => {
    expect(pay(httpStatus, body).kind).toBe('refused');
  });

  test.each([
    [200, { code: 'declined' }],
    [200, { status: 'declined', success: true }],
    [402, { status: 'declined', data: { state: 'succeeded' } }],
    [402, { code: 'declined', status: 'succeeded' }],
    [402, { code: 'declined', status: 'pending' }],
    [402, { code: 'declined', approved: true }],
    [402, [{ code: 'declined' }]],
    [402, undefined],
    [400, {}],
    [400, { message: 'Bad Request' }],
    [422, { code: 'invalid_request', errors: [] }],
    [402, { error: { code: 'card_declined' } }],
    [500, { status: 'declined', code: 'declined' }],
    [302, { status: 'declined', code: 'declined' }],
  ])('is no refusal as %i with %j', (httpStatus, body) => {
    expect(pay(httpStatus, body).kind).toBe('unknown');
  });

  test.each(NEVER_FINAL)('is never final as %i, not even with a refusal', (httpStatus) => {
    const kind = httpStatus === 429 ? 'not_executed' : 'unknown';
    for (const body of [undefined, {}, { status: 'declined' }, { code: 'declined' }])
      expect(pay(httpStatus, body).kind).toBe(kind);
  });

  test.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [407, 'unauthorized'],
    [404, 'wrong_address'],
    [405, 'wrong_address'],
    [413, 'http_4xx'],
    [415, 'http_4xx'],
    [451, 'http_4xx'],
    [418, 'http_4xx'],
    [301, 'http_3xx'],
  ])('%i is classified as %s', (httpStatus, errorClass) => {
    expect(pay(httpStatus, '<html>')).toMatchObject({ kind: 'unknown', errorClass });
    expect(inquiry(httpStatus, '<html>')).toMatchObject({ kind: 'unknown', errorClass });
  });

  test('is definite only with its word in its field, whatever the JSON', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 999 }),
        fc.json().map((text) => JSON.parse(text)),
        (httpStatus, body) => {
          const kinds = httpStatus === 429 ? ['not_executed', 'unknown'] : ['unknown'];
          expect(kinds).toContain(pay(httpStatus, body).kind);
        },
      ),
    );
  });

  test('is never believed if a further field, anywhere, says otherwise', () => {
    const no = fc.constantFrom<[string, unknown]>(
      ['status', 'declined'],
      ['Result', 'FAILED'],
      ['payment_state', 'cancelled'],
      ['success', false],
      ['approved', 'false'],
      ['errors', [{ code: 'E1' }]],
      ['code', 'card_declined'],
      ['reason', 'insufficient_funds'],
      ['x', 'declined'],
    );
    fc.assert(
      fc.property(
        no,
        fc.array(fc.string(), { maxLength: 5 }),
        fc.boolean(),
        ([name, value], path, inList) => {
          const inner = inList ? [{}, { [name]: value }] : { [name]: value };
          const nested = path.reduceRight<unknown>((body, key) => ({ [`${key}.`]: body }), inner);
          expect(pay(200, { ...SUCCESS, data: nested }).kind).toBe('unknown');
        },
      ),
    );
  });

  test('keeps the facts that it names as they were written', () => {
    const text =
      '{"status":"succeeded","id":9007199254740993,"amount":199.990000000000001,"currency":"USD","type":"WITHDRAWAL","reference":"42-abc"}';
    expect(payText(200, text)).toMatchObject({
      gatewayReference: '9007199254740993',
      named: { amount: '199.990000000000001', currency: 'USD', type: 'withdraw', reference: '42-abc' },
    });
    expect(payText(200, '{"status":"succeeded","amount":2e2,"type":"refund"}')).toMatchObject({
      named: { amount: '200', currency: null, type: 'refund', reference: null },
    });
    expect(payText(402, '{"status":"declined","amount":"1.10"}')).toMatchObject({
      named: { amount: '1.10' },
    });
  });

  test('never takes the beginning of a named fact for the whole', () => {
    const long = payText(200, `{"status":"succeeded","amount":"50.${'0'.repeat(61)}e3"}`);
    expect(compareNamed(TOLD, 'named' in long && long.named ? long.named : NOTHING_NAMED)).toHaveLength(1);
    const padded = payText(200, `{"status":"succeeded","reference":"${'4'.repeat(255)}5"}`);
    expect(padded).not.toMatchObject({ named: { reference: '4'.repeat(255) } });
  });

  test.each([
    [{ gateway_reference: 'gw-1', id: 'x', reference: 'ours' }, 'gw-1'],
    [{ id: 17, reference: 'ours' }, '17'],
    [{ reference: 'r-1' }, null],
    [{ gateway_reference: '' }, null],
    [{ gateway_reference: { id: 1 } }, null],
    [{ gateway_reference: 'a\0b\ud83d' }, 'a\ufffdb\ufffd'],
    [{ gateway_reference: `${'x'.repeat(254)}😀y` }, `${'x'.repeat(254)}😀`],
    [{}, null],
  ])('names the gateway reference of %j as %s', (body, gatewayReference) => {
    expect(pay(200, { status: 'succeeded', ...body })).toMatchObject({ gatewayReference });
  });

  test('keeps the pause that the gateway asks for, if it may be called again', () => {
    expect(pay(429, {}, '2')).toMatchObject({ kind: 'not_executed', retryAfterMs: 2000 });
    expect(pay(503, {}, '2')).toMatchObject({ kind: 'unknown', retryAfterMs: 2000 });
    expect(pay(503, {}, 'in a while')).toMatchObject({ kind: 'unknown', retryAfterMs: null });
    expect(pay(429, SUCCESS, '2')).toMatchObject({ kind: 'unknown', retryAfterMs: 2000 });
    expect(pay(429, { status: 'processing' }, '2')).toMatchObject({ kind: 'unknown', retryAfterMs: 2000 });
  });

  test('has an error class from the fixed list for every status', () => {
    for (let httpStatus = 100; httpStatus < 1000; httpStatus++) {
      for (const outcome of [pay(httpStatus, {}), pay(httpStatus), inquiry(httpStatus, {})]) {
        if ('errorClass' in outcome) expect(GATEWAY_ERROR_CLASSES).toContain(outcome.errorClass);
      }
    }
    expect(pay(999)).toMatchObject({ kind: 'unknown', errorClass: 'other' });
  });

  test('repeats what the gateway said, cut to a length and without text that a database cannot store', () => {
    const outcome = pay(402, { code: 'declined', message: `no\0pe\ud83d${'x'.repeat(1000)}` });
    expect(outcome).toMatchObject({ kind: 'refused', httpStatus: 402, errorClass: 'refused' });
    expect('message' in outcome && outcome.message).toMatch(/^HTTP 402: no\ufffdpe\ufffdx+$/);
    expect('message' in outcome && outcome.message.length).toBe(300);
  });
});

describe('the answer to an inquiry', () => {
  test.each([
    [200, { status: 'declined' }, 'refused'],
    [200, { status: 'refused', reference: '42-abc', code: 'declined', message: 'declined' }, 'refused'],
    [402, { status: 'declined' }, 'unknown'],
    [200, { code: 'declined' }, 'unknown'],
    [200, { code: 'payment_not_found' }, 'unknown'],
    [404, { code: 'payment_not_found' }, 'not_found'],
    [404, { code: 'payment_not_found', status: 404, success: false }, 'not_found'],
    [404, { code: 'payment_not_found', reference: '42-abc' }, 'not_found'],
    [404, { code: 'payment_not_found', reference: '43-abc' }, 'unknown'],
    [404, { code: 'payment_not_found', status: 'succeeded' }, 'unknown'],
    [404, { code: 'payment_not_found', status: 'pending' }, 'unknown'],
    [404, { code: 'payment_not_found', approved: true }, 'unknown'],
    [404, { code: 'payment_not_found', state: 'processing' }, 'unknown'],
    [404, { code: 'payment_not_found', Reference: '43-abc' }, 'unknown'],
    [404, undefined, 'unknown'],
    [404, { code: 'no_such_route' }, 'unknown'],
    [401, {}, 'unknown'],
    [429, {}, 'unknown'],
    [502, {}, 'unknown'],
  ])('%s with %j is %s', (httpStatus, body, kind) => {
    expect(inquiry(httpStatus, body).kind).toBe(kind);
  });
});

describe('a gateway with words of its own', () => {
  const mappingOf = (setting: unknown) => {
    const parsed = parseAnswerMapping(JSON.stringify(setting));
    if ('problem' in parsed) throw new Error(parsed.problem);
    return parsed.mapping;
  };
  const mapping = mappingOf({
    status_field: 'data.state',
    succeeded_words: ['Captured'],
    refused_words: ['VOIDED'],
    code_field: 'data.error.code',
    refusal_codes: ['E51'],
    amount_field: 'data.amount.value',
    currency_field: 'data.amount.currency',
    type_field: null,
    reference_field: null,
    gateway_reference_fields: ['reference'],
    ignored_fields: ['history'],
  });
  const read = (httpStatus: number, body: unknown) =>
    classifyPayAnswer({ httpStatus, body, retryAfter: undefined }, { nowMs, mapping });

  test('is read by its mapping', () => {
    const data = { state: 'captured', amount: { value: '50', currency: 'USD' } };
    const body = { type: 'charge', reference: 'their-1', data, history: [{ state: 'pending' }] };
    expect(read(200, body)).toMatchObject({
      kind: 'succeeded',
      gatewayReference: 'their-1',
      named: { amount: '50', currency: 'USD', type: null, reference: null },
    });
    expect(read(200, { data: { state: 'voided' } }).kind).toBe('refused');
    expect(read(402, { data: { error: { code: 'e51' } } }).kind).toBe('refused');
    expect(read(200, { status: 'succeeded' }).kind).toBe('unknown');
    expect(read(200, { data: { state: 'captured' }, status: 'failed' }).kind).toBe('unknown');
  });

  test.each<[unknown, string]>([
    ['status', 'it '],
    [{ statusfield: 'x' }, 'statusfield is not a known name'],
    [{ status_field: 'a b' }, 'status_field must be the name of a field'],
    [{ succeeded_words: [] }, 'succeeded_words must not be empty'],
    [{ succeeded_words: 'ok' }, 'succeeded_words must be a list'],
    [{ succeeded_words: ['declined'] }, 'already has another meaning'],
  ])('is refused at start with the mapping %j', (setting, problem) => {
    const parsed = parseAnswerMapping(JSON.stringify(setting));
    expect('problem' in parsed && parsed.problem).toContain(problem);
  });

  test("has the contract's words for whatever its mapping does not name", () => {
    expect(mappingOf({})).toEqual(CONTRACT_MAPPING);
    expect(parseAnswerMapping('{')).toMatchObject({ problem: expect.stringContaining('JSON') });
  });
});
