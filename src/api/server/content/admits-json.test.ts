import { admitsJson } from './admits-json.ts';

test.each([
  undefined,
  '',
  ' ',
  ',',
  '*/*',
  '*',
  'application/*',
  'application/json',
  'APPLICATION/JSON',
  'application/json; charset=utf-8',
  'application/json;version=1',
  'application/problem+json',
  'application/problem+json, text/html',
  'text/html, application/json;q=0.1',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
  'application/json;q=0.001',
  'application/json ; Q = 1',
  'application/problem+json;q=0, application/json',
  '*/*;q=0, application/json',
  'application/*;q=0, application/json;q=0.5',
  // The first weight counts, and what comes behind it belongs to nobody.
  'application/json;q=1;ext=1;q=0',
  // What is odd does not count against a client.
  'json',
  'application',
  '/',
  'application/json;q=high',
  'application/json;q=2',
  'application/json;q=-1',
  'application/json;q=',
  'application/json;q',
  'application/json;',
  'text/html;a="x, application/xml", */*',
  'text/html;a="\\", x", application/json',
  'application/json;a="never closed',
  '\u00e4, \u0000',
])('%j can be answered in JSON', (accept) => {
  expect(admitsJson(accept)).toBe(true);
});

test.each([
  'text/html',
  'text/*',
  'application/xml',
  'application/jsonp',
  'application/vnd.api+json',
  'text/json',
  'application/json;q=0',
  'application/json; Q=0.000',
  'application/json;q=0.0000',
  'application/json;charset=utf-8;q=0',
  'application/json;q="0"',
  '*/*;q=0',
  '*;q=0',
  'application/*;q=0',
  'application/json;q=0, */*',
  '*/*, application/json;q=0',
  'application/*;q=0, */*',
  'application/json;q=0, application/problem+json',
  'application/problem+json;q=0',
  'text/html;a="application/json"',
  'text/html;a=", application/json, "',
  'text/html, json',
])('%j cannot', (accept) => {
  expect(admitsJson(accept)).toBe(false);
});

test('a media range that is given twice admits what either of the two admits', () => {
  expect(admitsJson('application/json;q=0, application/json;level=1')).toBe(true);
});

test('a long header is read in linear time', () => {
  expect(admitsJson(`${'text/html;a="'.repeat(1200)}`)).toBe(false);
  expect(admitsJson(`${'text/html,'.repeat(1500)}*/*`)).toBe(true);
  expect(admitsJson(`*/*;q=${' '.repeat(15_000)}${'0'.repeat(1000)}`)).toBe(false);
});
