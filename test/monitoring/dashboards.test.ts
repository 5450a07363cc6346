import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { buildDashboards } from '../../ops/grafana/source/build.ts';
import { OPS, queryPanels, ROOT, readDashboard, readRules, seriesIn } from '../support/monitoring-files.ts';

const dashboards = [readDashboard('payments'), readDashboard('engine')];
const panels = dashboards.flatMap(queryPanels);
const runbook = readDashboard('runbook');
const rules = readRules();
const datasources = parse(
  readFileSync(path.join(OPS, 'grafana/provisioning/datasources/prometheus.yml'), 'utf8'),
).datasources;

test('the dashboards are what their source builds (npm run dashboards writes them)', () => {
  for (const [file, content] of buildDashboards()) expect(readFileSync(file, 'utf8')).toBe(content);
});

test('every panel says what it is, in which unit, and asks the provisioned data source', () => {
  expect(panels.length).toBeGreaterThan(40);
  for (const panel of panels) {
    expect(panel).toMatchObject({
      title: expect.stringMatching(/\S/),
      description: expect.stringMatching(/^.{20,}\.$/),
      datasource: { uid: datasources[0].uid },
      fieldConfig: { defaults: { unit: expect.stringMatching(/\S/), thresholds: expect.anything() } },
    });
    expect(panel.targets?.length).toBeGreaterThan(0);
    for (const target of panel.targets ?? []) expect(target.legendFormat).not.toBe('');
  }
});

test('panels of a dashboard have different ids and do not overlap', () => {
  for (const dashboard of [...dashboards, runbook]) {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { gridPos: a } of dashboard.panels) {
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      const covered = dashboard.panels.filter(
        ({ gridPos: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
      );
      expect(covered).toHaveLength(1);
    }
  }
});

test('every link to the run-book leads to a section', () => {
  const targets = new Set(runbook.panels.map(({ id }) => `/d/${runbook.uid}?viewPanel=panel-${id}`));
  const links = panels.flatMap((panel) => panel.links ?? []);
  expect(links.length).toBeGreaterThan(20);
  for (const { url } of links) expect(targets).toContain(url);
});

test('every alert has a section in the run-book, and every section an alert or a "When"', () => {
  const page = readFileSync(path.join(ROOT, 'docs/runbooks.md'), 'utf8');
  const sections = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  const alerts = rules.flatMap(({ alert }) => alert ?? []);
  expect(sections.filter((title) => !title?.startsWith('When ')).sort()).toEqual(alerts.sort());
  expect(runbook.panels.map(({ title }) => title)).toEqual(sections);
  for (const { alert, annotations, labels } of rules) {
    if (!alert) continue;
    expect(annotations?.runbook_url).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
    expect(['page', 'ticket']).toContain(labels?.severity);
    expect(annotations).toMatchObject({ summary: expect.anything(), description: expect.anything() });
  }
});

test('dashboards and rules name only metrics that exist', () => {
  const page = readFileSync(path.join(ROOT, 'docs/metrics.md'), 'utf8');
  const documented = new Set([...page.matchAll(/^\| `(\w+)` \| (\w+)/gm)].map(([, name]) => name));
  const recorded = new Set(rules.map(({ record }) => record));
  const exprs = [
    ...rules.map(({ expr }) => expr),
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ];
  for (const name of new Set(exprs.flatMap(seriesIn))) {
    if (name.startsWith('tollgate:')) expect(recorded).toContain(name);
    else if (name.startsWith('tollgate_'))
      expect(documented).toContain(name.replace(/_(bucket|sum|count)$/, ''));
  }
});

test('facts that every process samples are never summed over processes', () => {
  const sampled =
    /^tollgate_(queue_|dead_letters_(open|discarded)|payments_(unknown_(open|oldest)|need_review$)|reconciliation_(exceptions_(open|closed)|last_report)|gateway_callbacks_waiting|ledger_|order_holds_(open|overdue)|exchange_rate|conversion_position|database_(?!pool))/;
  const exprs = [
    ...rules.map(({ expr }) => expr),
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ];
  for (const expr of exprs) {
    for (const name of seriesIn(expr).filter((series) => sampled.test(series))) {
      expect(expr).toMatch(new RegExp(`(?:max|min)(_over_time)?( by \\([\\w, ]+\\))? ?\\(${name}`));
    }
  }
});
