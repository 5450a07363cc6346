import { readFileSync } from 'node:fs';
import path from 'node:path';
import { toDashboard } from './dashboard.ts';
import { engine } from './engine.ts';
import { payments } from './payments.ts';
import { toRunbookDashboard } from './runbook.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** Every dashboard as Grafana reads it, by its file. */
export function buildDashboards(): Map<string, string> {
  const runbook = readFileSync(path.join(root, 'docs', 'runbooks.md'), 'utf8');
  const dashboards = {
    payments: toDashboard(payments),
    engine: toDashboard(engine),
    runbook: toRunbookDashboard(runbook),
  };
  return new Map(
    Object.entries(dashboards).map(([name, dashboard]) => [
      path.join(root, 'ops', 'grafana', 'dashboards', `${name}.json`),
      `${JSON.stringify(dashboard, null, 2)}\n`,
    ]),
  );
}
