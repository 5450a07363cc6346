import { replaceTable } from './readme.ts';
import type { Results } from './results.ts';
import { renderTable } from './table.ts';
import { judgeTargets } from './targets.ts';

const results = (parts: Results['parts']): Results => ({
  date: '2026-11-21T08:00:00.000Z',
  command: 'npm run bench',
  machine: { cpu: 'Some CPU', core_count: 2, memory_gib: 24, system: 'Linux 6', node: 'v24.0.0' },
  postgres: { version: '18.4', settings: {} },
  duration_seconds: 400,
  parts,
});

test('a ratio that reaches its bound is met, one that falls short is not, and the table says so', () => {
  const table = renderTable(results({ drain: { ratio_graphile_worker: 5, ratio_floor: 0.69 } }));
  expect(table).toMatch(/against graphile-worker +\| ≥ 5 × +\| 5 × +\| met/);
  expect(table).toMatch(/against the same SQL alone +\| ≥ 0.7 × +\| 0.69 × +\| \*\*not met\*\*/);
});

test('a latency above its bound is not met', () => {
  expect(judgeTargets({ latency: { idle_p50_ms: 15.01 } })).toMatchObject([{ value: 15.01, isMet: false }]);
});

test('a part that was not run has no row', () => {
  const table = renderTable(results({ drain: { ratio_floor: 0.8 } }));
  expect(table).not.toContain('accept');
  expect(table.split('\n')).toHaveLength(5);
});

test('a part that failed is named below the table with what it met', () => {
  const table = renderTable({ ...results({}), failures: { snapshot: 'load-held ended unexpectedly' } });
  expect(table).toContain('**snapshot has no figures**: load-held ended unexpectedly');
});

test('the table says when, with which command and on what machine it was measured', () => {
  expect(renderTable(results({}))).toContain(
    'Measured on 2026-11-21 with `npm run bench`: Some CPU, 2 cores, 24 GiB, Node v24.0.0, PostgreSQL 18.4.',
  );
});

test('the README keeps every byte outside the markers', () => {
  const readme = '# Tollgate\n\n<!-- bench -->\nold\n<!-- /bench -->\n\nMIT.\n';
  expect(replaceTable(readme, 'new')).toBe('# Tollgate\n\n<!-- bench -->\nnew\n<!-- /bench -->\n\nMIT.\n');
});

test.each([
  ['no markers', '# Tollgate\n'],
  ['no closing marker', 'a <!-- bench --> b'],
  ['two opening markers', '<!-- bench --> <!-- bench --> <!-- /bench -->'],
  ['the markers the wrong way round', '<!-- /bench --> <!-- bench -->'],
])('a README with %s is left alone', (_, readme) => {
  expect(() => replaceTable(readme, 'new')).toThrow('README.md needs');
});
