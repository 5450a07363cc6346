import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROBLEM_CODES, problemKind } from '../../src/api/problems/problem-catalogue.ts';

test('docs/errors.md agrees with the catalogue about every problem', () => {
  const file = readFileSync(path.resolve(import.meta.dirname, '..', '..', 'docs', 'errors.md'), 'utf8');
  const rows = file.split('\n').filter((line) => line.startsWith('| `'));
  const expected = PROBLEM_CODES.map((code) => {
    const { status, advice, retry } = problemKind(code);
    return `| \`${code}\` | ${status} | ${retry ?? ''} | ${advice} |`;
  });
  expect(rows).toEqual(expected);
});
