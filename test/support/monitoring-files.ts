import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');
export const OPS = path.join(ROOT, 'ops');

/** A panel as Grafana reads it, as far as tests look. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly max?: number;
      readonly thresholds?: {
        readonly steps: readonly { readonly value: number | null; readonly color: string }[];
      };
      readonly custom?: { readonly stacking?: { readonly mode: string } };
    };
  };
  readonly links?: readonly { readonly title: string; readonly url: string }[];
  readonly targets?: readonly {
    readonly expr: string;
    readonly legendFormat: string;
    readonly refId: string;
  }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The dashboards that have panels of queries, and the run-book. */
export function readDashboard(name: 'payments' | 'engine' | 'runbook'): Dashboard {
  return JSON.parse(readFileSync(path.join(OPS, 'grafana', 'dashboards', `${name}.json`), 'utf8'));
}

/** Panels with something to query, without the titles of rows. */
export function queryPanels(dashboard: Dashboard): Panel[] {
  return dashboard.panels.filter(({ type }) => type !== 'row');
}

/** The paths of the files of `ops/prometheus/<folder>`. */
export function listPrometheusFiles(folder: 'rules' | 'tests'): string[] {
  const place = path.join(OPS, 'prometheus', folder);
  return readdirSync(place).map((name) => path.join(place, name));
}

export function readRules(): Rule[] {
  return listPrometheusFiles('rules').flatMap((file) =>
    parse(readFileSync(file, 'utf8')).groups.flatMap((group: { rules: Rule[] }) => group.rules),
  );
}

/** The metrics and recorded series that an expression reads; text in quotes (labels, times) is none. */
export function seriesIn(expr: string): string[] {
  const bare = expr.replaceAll(/"[^"]*"/g, '');
  return [...bare.matchAll(/\b(?:tollgate[_:][\w:]+|nodejs_\w+|process_\w+|ALERTS|up)\b/g)].map(
    ([name]) => name,
  );
}
