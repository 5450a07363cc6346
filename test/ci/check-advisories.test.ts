import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../support/monitoring-files.ts';

function check(audit: string) {
  const script = path.join(ROOT, '.ci', 'check-advisories.js');
  const { status, stdout } = spawnSync(process.execPath, [script], { input: audit, encoding: 'utf8' });
  return { status, stdout };
}
const report = (counts: object, vulnerabilities: object = {}) =>
  JSON.stringify({
    vulnerabilities,
    metadata: { vulnerabilities: { high: 0, critical: 0, total: 0, ...counts } },
  });

test('no advisories pass', () => {
  expect(check(report({}))).toEqual({
    status: 0,
    stdout: 'advisories: 0 in what is shipped, 0 of them high or critical\n',
  });
});

test('a serious advisory fails the run and is named', () => {
  const vulnerabilities = {
    leaky: { severity: 'high', via: [{ title: 'It leaks', url: 'https://example.com/1' }, 'deeper'] },
  };
  const { status, stdout } = check(report({ high: 1, total: 1 }, vulnerabilities));
  expect(status).toBe(1);
  expect(stdout).toContain('high: leaky It leaks https://example.com/1\n');
});

test('a minor advisory is named and does not fail the run', () => {
  const { status, stdout } = check(report({ total: 1 }, { small: { severity: 'low', via: [] } }));
  expect([status, stdout.startsWith('low: small')]).toEqual([0, true]);
});

test.each([
  ['', 'no answer'],
  [
    '{"message":"405 Method Not Allowed - POST https://registry.example/advisories"}',
    '405 Method Not Allowed',
  ],
  ['<html>', '<html>'],
])('a registry without advisories is given as the reason: %s', (audit, reason) => {
  const { status, stdout } = check(audit);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Skipped: .*\n$/);
  expect(stdout).toContain(reason);
});
