import type { KeyedResource, StoredResponse } from '../../idempotency/used-key.ts';
import { Problem } from '../problems/problem.ts';
import { answerMade, answerUsedKey } from './answer-keyed.ts';

const STORED: StoredResponse = { status: 202, body: '{"payment_id":7}' };
const PAYMENT = { kind: 'payment', id: 7n } as const;

/** Counts as the API's metrics do. */
function counting() {
  const counted = { replays: 0, conflicts: 0 };
  const counter = (name: keyof typeof counted) => ({
    inc() {
      counted[name] += 1;
    },
  });
  const metrics = { replays: counter('replays'), conflicts: counter('conflicts') } as unknown as Parameters<
    typeof answerUsedKey
  >[1]['metrics'];
  return { counted, metrics };
}

test('an answer names the location of what was made, and the log gets the id of a payment', () => {
  expect(answerMade({ resource: PAYMENT, response: STORED })).toEqual({
    ...STORED,
    mediaType: 'application/json',
    headers: { Location: '/api/v1/payments/7' },
    paymentId: 7n,
  });
  expect(answerMade({ resource: { kind: 'user', id: 3n }, response: STORED })).toEqual({
    ...STORED,
    mediaType: 'application/json',
    headers: { Location: '/api/v1/users/3' },
  });
});

test('a replay is the stored answer and is marked as a replay; a stored refusal stays a problem document', () => {
  const { counted, metrics } = counting();
  const refusal = { status: 422, body: '{"code":"insufficient-funds"}' };
  expect(answerUsedKey({ kind: 'replayed', response: refusal, resource: PAYMENT }, { metrics })).toEqual({
    ...refusal,
    mediaType: 'application/problem+json',
    headers: { Location: '/api/v1/payments/7', 'Idempotency-Replayed': 'true' },
    paymentId: 7n,
  });
  expect(counted).toEqual({ replays: 1, conflicts: 0 });
});

test.each([
  ['key_reused', 'idempotency-key-reused', 1],
  ['key_in_use', 'idempotency-key-in-use', 0],
  ['key_expired', 'idempotency-key-expired', 0],
] as const)('%s is told as %s', (kind, code, conflicts) => {
  const { counted, metrics } = counting();
  const answer = () => answerUsedKey({ kind, resource: PAYMENT, wasRefused: false }, { metrics });
  expect(answer).toThrow(expect.objectContaining({ code }));
  expect(answer).toThrow(Problem);
  expect(counted).toEqual({ replays: 0, conflicts: 2 * conflicts });
});

describe('once the stored answer has expired', () => {
  const problemOf = (resource: KeyedResource, wasRefused: boolean): Problem => {
    const { metrics } = counting();
    try {
      answerUsedKey({ kind: 'key_expired', resource, wasRefused }, { metrics, path: '/the/hold' });
    } catch (error) {
      return error as Problem;
    }
    throw new Error('it was answered');
  };

  test.each<[KeyedResource['kind'], string]>([
    ['payment', '/api/v1/payments/7'],
    ['user', '/api/v1/users/7'],
    ['wallet', '/api/v1/wallets/7'],
    ['transfer', '/api/v1/transfers/7'],
    ['conversion', '/api/v1/currency/conversions/7'],
    ['order_hold', '/the/hold'],
    ['bulk_redrive', '/api/v1/bulk-redrives/7'],
  ])('a request that made a %s is told where it is', (kind, path) => {
    const { message, headers, details } = problemOf({ kind, id: 7n }, false);
    expect(message).toContain(`was used for ${path}.`);
    expect(headers).toEqual({ Location: path });
    expect(details.extensions).toEqual({ [kind]: path, [`${kind}_id`]: 7 });
  });

  test.each<KeyedResource['kind']>(['user', 'wallet', 'transfer', 'conversion', 'bulk_redrive'])(
    'a request that was refused about a %s is told that nothing was made, and is sent nowhere',
    (kind) => {
      const { message, headers, details } = problemOf({ kind, id: 7n }, true);
      expect(message).toContain('was refused, and nothing was made');
      expect(message).not.toContain('/api/');
      expect(headers).toEqual({});
      expect(details.extensions).toBeUndefined();
    },
  );

  test.each<[KeyedResource['kind'], string]>([
    ['payment', '/api/v1/payments/7'],
    ['order_hold', '/the/hold'],
  ])('a request that was refused about a %s, which is there, is told so', (kind, path) => {
    const { message, headers } = problemOf({ kind, id: 7n }, true);
    expect(message).toContain(`was refused. It was about ${path}.`);
    expect(headers).toEqual({ Location: path });
  });
});
