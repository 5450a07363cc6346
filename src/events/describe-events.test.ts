import { Parser } from '@asyncapi/parser';
import { describeEachEvent, describeEvents } from './describe-events.ts';
import { EVENT_TYPE_NAMES, eventDefinition } from './event-types.ts';

const options = { version: '1.2.3', source: '/tollgate' };

test('the events are a valid AsyncAPI 3 document', async () => {
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(describeEvents(options)));
  expect(diagnostics.filter(({ severity }) => severity <= 1)).toEqual([]);
  expect(document?.version()).toBe('3.0.0');
  expect(
    document
      ?.allMessages()
      .all()
      .map((message) => message.name()),
  ).toEqual(EVENT_TYPE_NAMES);
});

test('a document that is wrong would be noticed', async () => {
  const wrong = { ...describeEvents(options), channels: { events: { address: 7 } } };
  const { diagnostics } = await new Parser().parse(JSON.stringify(wrong));
  expect(diagnostics.some(({ severity }) => severity === 0)).toBe(true);
});

test.each(EVENT_TYPE_NAMES)('the example of %s is what it promises', (type) => {
  const { data, example } = eventDefinition(type);
  expect(data.strict().parse(example)).toEqual(example);
});

test('a type says what it is about and which version it is', () => {
  for (const { type, subject, summary } of describeEachEvent()) {
    expect(type).toMatch(/^tollgate\.[a-z_]+\.[a-z]+\.v[1-9]$/);
    expect(subject).toMatch(/^[a-z]{1,20}$/);
    expect(summary).not.toMatch(/\.$/);
  }
});

test('an amount is decimal text beside minor units, and never a number', () => {
  for (const { type, schema } of describeEachEvent())
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      if (name.endsWith('_minor')) expect([type, name, member.type]).toEqual([type, name, 'string']);
      expect([type, name, member.type]).not.toEqual([type, name, 'number']);
    }
});
