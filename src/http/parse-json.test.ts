import fc from 'fast-check';
import { findRepeatedMember, parseJson } from './parse-json.ts';

test.each([
  ['{"a":1,"a":2}', 'a'],
  ['{"a":1,"b":{"c":1,"c":2}}', 'c'],
  ['[{"a":1},{"a":1,"b":2,"b" \n:3}]', 'b'],
  ['{"a":1,"\\u0061":2}', 'a'],
  ['{"":1,"":2}', ''],
  ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ['{"a\\"":1,"a\\"":2}', 'a"'],
])('%s has a member twice', (json, member) => {
  expect(parseJson(json)).toEqual({ kind: 'repeated_member', member });
});

test.each([
  '{}',
  '{"a":{"a":{"a":1}}}',
  '[{"a":1},{"a":1}]',
  '{"a":"a","b":"a"}',
  '{"a":"\\"a\\":","b":["a","a"]}',
  '"a"',
  '{"a":"{\\"b\\":1,\\"b\\":2}"}',
])('%s has every member once', (json) => {
  expect(parseJson(json)).toEqual({ kind: 'parsed', value: JSON.parse(json) });
});

test.each(['', '{', '{"a":1,}', 'nonsense', '\ufeff{}'])('%j is no JSON', (text) => {
  expect(parseJson(text)).toEqual({ kind: 'no_json' });
});

test('everything that JSON.stringify writes has each member once', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 1, '\t'), (json, space) => {
      // Parsing and writing again drops what fc.json may have given twice.
      expect(findRepeatedMember(JSON.stringify(JSON.parse(json), null, space))).toBeUndefined();
    }),
  );
});

test('a repeated member is found wherever it stands', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (object, pick) => {
      const members = Object.entries(object).map(
        ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
      );
      const repeated = members[pick % members.length] as string;
      expect(findRepeatedMember(`{${[...members, repeated].join(',')}}`)).toBeDefined();
    }),
  );
});
