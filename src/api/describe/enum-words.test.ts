import { globSync, readFileSync } from 'node:fs';

/** Words that only the API has: nothing else in the code chooses between them. */
const OF_THE_API: Readonly<Record<string, readonly string[]>> = {
  // Members of a request.
  'src/api/features/currency/quote-schemas.ts': ["'amount', 'to_amount'"],
  'src/api/features/currency/rate-schemas.ts': ["'fresh', 'stale'"],
  'src/api/features/health/health-schemas.ts': ["'ok', 'degraded'", "'ok', 'violated'"],
  'src/api/features/integrity/integrity-operations.ts': ["'open', 'all'"],
};
/** A list that begins with a word of its own and goes on with the domain's. */
const isDerived = (list: string) => /\.\.\.[A-Z_]+/.test(list);

test('the words that a request or an answer may use come from the list that the code decides by', () => {
  const files = globSync(['src/api/**/*.ts', 'src/cli/**/*.ts']).filter((file) => !file.endsWith('.test.ts'));
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) => {
    const lists = [...readFileSync(file, 'utf8').matchAll(/\.(?:enum|choices)\(\[([^\]]*)\]/g)].map(
      ([, list = '']) => list.trim(),
    );
    return lists
      .filter((list) => !isDerived(list) && !OF_THE_API[file]?.includes(list))
      .map((list) => `${file}: ${list}`);
  });
  expect(found).toEqual([]);
});
