import { createHmac } from 'node:crypto';
import { checkCallbackSignature } from './callback-signature.ts';

const NOW_MS = 1_800_000_000_000;
const rawBody = Buffer.from('{"event_id":"e1"}');

const sign = (secret: string, timestamp = NOW_MS / 1000, body = rawBody) =>
  createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
const check = (header: string | undefined, secrets = ['new secret', 'old secret']) =>
  checkCallbackSignature({ header, rawBody, secrets, nowMs: NOW_MS });
const t = NOW_MS / 1000;

test('a body signed with the secret is believed', () => {
  expect(check(`t=${t},v1=${sign('new secret')}`)).toBe('valid');
});

test('while secrets are being replaced, a body signed with either is believed', () => {
  expect(check(`t=${t},v1=${sign('old secret')}`)).toBe('valid');
  expect(check(`t=${t},v1=${sign('another')},v1=${sign('new secret')}`, ['new secret'])).toBe('valid');
});

test('a signature of another version beside ours does no harm', () => {
  for (const other of ['v2=abcd', 'v2=aGVsbG8+/w==', 'v2=a-b_c', 'v2=', 'ed25519=z.y', 'key-id=k1', 'v10=zz'])
    for (const header of [
      `t=${t},${other},v1=${sign('new secret')}`,
      `t=${t}, v1=${sign('new secret')}, ${other}`,
    ])
      expect(check(header)).toBe('valid');
});

test('one changed byte, another secret or another time makes the signature wrong', () => {
  expect(check(`t=${t},v1=${sign('new secret', t, Buffer.from('{"event_id":"e2"}'))}`)).toBe('wrong');
  expect(check(`t=${t},v1=${sign('guessed')}`)).toBe('wrong');
  expect(check(`t=${t + 1},v1=${sign('new secret', t)}`)).toBe('wrong');
  expect(check(`t=${t},v1=${sign('new secret')}`, [])).toBe('wrong');
});

test('five minutes is how far the clocks may differ', () => {
  for (const offset of [-300, 300]) {
    expect(check(`t=${t + offset},v1=${sign('new secret', t + offset)}`)).toBe('valid');
  }
  for (const offset of [-301, 301]) {
    expect(check(`t=${t + offset},v1=${sign('new secret', t + offset)}`)).toBe('expired');
  }
});

test('a missing, malformed or incomplete signature is told apart from a wrong one', () => {
  expect(check(undefined)).toBe('missing');
  expect(check('')).toBe('missing');
  for (const header of [
    'hello',
    `t=${t}`,
    `v1=${sign('new secret')}`,
    `t=${t},t=${t},v1=${sign('new secret')}`,
    `t=now,v1=${sign('new secret')}`,
    `t=${t},v1=abc`,
    `t=${t},v1=${'z'.repeat(64)}`,
    `t=${t},v1=${sign('new secret')},${'x'.repeat(2000)}`,
  ]) {
    expect(check(header)).toBe('malformed');
  }
});
