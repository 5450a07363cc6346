import { readFileSync } from 'node:fs';

// Prints one line with the counts of a jest run. A skipped test is a failure here: this machine has to run them all.
const text = readFileSync(process.argv[2], 'utf8');
// Jest writes nothing when it could not even begin.
const result = text === '' ? {} : JSON.parse(text);
const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numRuntimeErrorTestSuites = 0 } = result;
const skipped = (result.testResults ?? []).flatMap(({ assertionResults }) =>
  assertionResults.filter(({ status }) => status === 'pending').map(({ fullName }) => fullName),
);
for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
const failedCount = text === '' ? 1 : numFailedTests + numRuntimeErrorTestSuites;
process.stdout.write(`${numPassedTests} passed, ${failedCount} failed, ${numPendingTests} skipped\n`);
if (failedCount > 0 || numPassedTests === 0 || (process.env.CI === 'true' && numPendingTests > 0))
  process.exitCode = 1;
