import { decideReplay } from './decide-replay.ts';
import type { UsedKey } from './used-key.ts';

const resource = { kind: 'payment', id: 42n } as const;
const response = { status: 202, body: '{"payment_id":42}' };
const used = (changes: Partial<UsedKey> = {}): UsedKey => ({
  fingerprint: Buffer.from('first'),
  resource,
  status: response.status,
  response,
  ...changes,
});

test('the same request gets the answer that was stored', () => {
  expect(decideReplay(used(), Buffer.from('first'))).toEqual({ kind: 'replayed', response, resource });
});

test('a refusal that was stored is replayed like any other answer', () => {
  const refusal = { status: 422, body: '{"code":"insufficient-funds"}' };
  expect(decideReplay(used({ response: refusal }), Buffer.from('first'))).toMatchObject({
    kind: 'replayed',
    response: refusal,
  });
});

test('another request under the same key is refused, and learns what the key was used for', () => {
  expect(decideReplay(used(), Buffer.from('other'))).toEqual({ kind: 'key_reused', resource });
});

test('once the answer has expired, the same request learns what it made and is not executed again', () => {
  expect(decideReplay(used({ response: null }), Buffer.from('first'))).toEqual({
    kind: 'key_expired',
    resource,
    wasRefused: false,
  });
});

test('a refusal is known as one although its answer has expired', () => {
  expect(decideReplay(used({ status: 422, response: null }), Buffer.from('first'))).toEqual({
    kind: 'key_expired',
    resource,
    wasRefused: true,
  });
});

test('another request is refused even if the answer has expired', () => {
  expect(decideReplay(used({ response: null }), Buffer.from('other'))).toEqual({
    kind: 'key_reused',
    resource,
  });
});
