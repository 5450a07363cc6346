import { readFileSync } from 'node:fs';

// Prints one line with the counts of a jest run. A skipped test is a failure here: this machine has to run them all.
const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
);
const failedCount = numFailedTests + numRuntimeErrorTestSuites;
process.stdout.write(`${numPassedTests} passed, ${failedCount} failed, ${numPendingTests} skipped\n`);
if (failedCount > 0 || numPassedTests === 0 || (process.env.CI === 'true' && numPendingTests > 0))
  process.exitCode = 1;
