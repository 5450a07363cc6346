import { existsSync, globSync } from 'node:fs';

test('every decision has a test beside it', () => {
  const decisions = globSync('{src,bench,prove}/**/decide-*.ts').filter((file) => !file.endsWith('.test.ts'));
  expect(decisions.length).toBeGreaterThan(20);
  const untested = decisions.filter((file) => !existsSync(file.replace(/\.ts$/, '.test.ts')));
  expect(untested).toEqual([]);
});
