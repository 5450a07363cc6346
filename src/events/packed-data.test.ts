import { renderCloudEvent } from './cloud-event.ts';
import { EVENT_TYPE_NAMES, EVENT_TYPES, type EventType, eventDefinition } from './event-types.ts';
import { newEvent } from './new-event.ts';
import { unpackData } from './packed-data.ts';

const write = (type: EventType) => newEvent(type, { id: 42n }, eventDefinition(type).example as never);

test.each(EVENT_TYPE_NAMES)('%s is read as it was written', (type) => {
  const { data } = write(type);
  expect(JSON.parse(unpackData(type, data))).toEqual(eventDefinition(type).example);
  expect(data).not.toContain('\n');
});

test('members come in the order of the type, in whatever order they were given', () => {
  const data = { state_before: 'open', state: 'frozen', user_id: 1, wallet_id: 7 } as const;
  const event = newEvent('tollgate.wallet.frozen.v1', { id: 7n }, data);
  expect(event.data).toBe('[7,1,"frozen","open"]');
  expect(unpackData(event.type, event.data)).toBe(
    '{"wallet_id":7,"user_id":1,"state":"frozen","state_before":"open"}',
  );
});

test('text of any kind comes through', () => {
  for (const text of ['a\nb', 'a"b\\', '\u0000', '\ud800', '😀', '\u2028', "'{}'"]) {
    const type = 'tollgate.payment.failed.v1';
    const data = { ...EVENT_TYPES[type].example, last_error: text };
    const event = newEvent(type, { id: 1n }, data);
    expect(event.data).not.toContain('\n');
    expect(JSON.parse(unpackData(event.type, event.data)).last_error).toBe(text);
  }
});

test('an event that was written before its type got a member does not have it', () => {
  expect(unpackData('tollgate.wallet.frozen.v1', '[7,1]')).toBe('{"wallet_id":7,"user_id":1}');
});

test('an event that a later version wrote is told as far as this one knows it', () => {
  expect(unpackData('tollgate.wallet.frozen.v1', '[7,1,"frozen","open","more"]')).toBe(
    '{"wallet_id":7,"user_id":1,"state":"frozen","state_before":"open"}',
  );
  expect(unpackData('tollgate.moon.landed.v1', '[7]')).toBe('[7]');
});

test('a CloudEvent is one line of JSON with its attributes first', () => {
  const { type, subject, data } = write('tollgate.wallet.frozen.v1');
  const stored = { id: 4711n, nonce: 255, createdAt: new Date(0), type, subject, data, traceparent: null };
  expect(renderCloudEvent(stored, 'urn:a')).toBe(
    '{"specversion":"1.0","id":"4711-000000ff","source":"urn:a","type":"tollgate.wallet.frozen.v1","subject":"wallet:42","time":"1970-01-01T00:00:00.000Z","datacontenttype":"application/json","sequence":"0000000000000004711","data":{"wallet_id":7,"user_id":1,"state":"frozen","state_before":"open"}}',
  );
});
