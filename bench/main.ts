import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runMain, StartError } from '../src/process/lifecycle.ts';
import { PART_NAMES, readOptions } from './harness/read-options.ts';
import { replaceTable } from './report/readme.ts';
import { readResults, writeResults } from './report/results.ts';
import { renderTable } from './report/table.ts';
import { runBench } from './run-bench.ts';

const README = path.resolve(import.meta.dirname, '..', 'README.md');

runMain(async () => {
  const args = process.argv.slice(2);
  const options = readOptions(args);
  if (options.onlyReadme) {
    refreshReadme();
    return;
  }
  const results = await runBench(
    options,
    ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  );
  writeResults(results);
  process.stdout.write(`\n${renderTable(results)}\n\nWritten to bench/results/latest.json.\n`);
  process.exit(Object.keys(results.failures ?? {}).length === 0 ? 0 : 1);
});

/** @throws StartError when the last run was not a whole one: the README shows figures of one run. */
function refreshReadme(): void {
  const results = readResults();
  const missing = PART_NAMES.filter((name) => !results.parts[name]);
  if (missing.length > 0)
    throw new StartError(
      `The last run has no figures for ${missing.join(', ')}. Run all of it first: npm run bench`,
    );
  writeFileSync(README, replaceTable(readFileSync(README, 'utf8'), renderTable(results)));
}
