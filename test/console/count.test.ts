import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { countOf } from '../../src/console/count.ts';

const CONSOLE = path.resolve(import.meta.dirname, '../../src/console');

test.each([
  [0, '0 payments'],
  [1, '1 payment'],
  [2, '2 payments'],
  [1234, `${new Intl.NumberFormat().format(1234)} payments`],
])('%d is %s', (count, text) => {
  expect(countOf(count, 'payment')).toBe(text);
});

test('the verb agrees with the number, and a number that is capped is shown as such', () => {
  const needs = (count: number, shown?: string) =>
    countOf(count, 'of them needs', { many: 'of them need', ...(shown === undefined ? {} : { shown }) });
  expect([needs(1), needs(2), needs(1000, '1,000 or more')]).toEqual([
    '1 of them needs',
    '2 of them need',
    '1,000 or more of them need',
  ]);
});

test('no page of the console makes a plural by hand', () => {
  const files = readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(30);
  const byHand = files.filter((name) => /=== 1 \?/.test(readFileSync(path.join(CONSOLE, name), 'utf8')));
  expect(byHand).toEqual(['count.ts']);
});
