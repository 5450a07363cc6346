import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATA_SOURCE, type PanelSpec, toPanel } from './panel.ts';

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelSpec[] }[];
}

/** Makes a Grafana dashboard of a spec, with what all of them share: alerts as marks, links to each other, a process picker. */
export function toDashboard({ uid, title, description, rows }: DashboardSpec): Dashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['tollgate'])
    .readonly()
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Tollgate')
        .type(DashboardLinkType.Dashboards)
        .tags(['tollgate'])
        .keepTime(true),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name('Alerts')
        .datasource(DATA_SOURCE)
        .enable(true)
        .iconColor('red')
        .expr('ALERTS{alertname=~"Tollgate.*", alertstate="firing"}')
        .titleFormat('{{alertname}}'),
    )
    .withVariable(
      new QueryVariableBuilder('instance')
        .label('Process')
        .datasource(DATA_SOURCE)
        .query({ query: 'label_values(up{job=~"tollgate-.*"}, instance)', refId: 'instances' })
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .allValue('.*')
        .current({ text: ['All'], value: ['$__all'] }),
    );
  let id = 0;
  for (const row of rows) {
    id += 1;
    dashboard.withRow(new RowBuilder(row.title).id(id));
    for (const panel of row.panels) {
      id += 1;
      dashboard.withPanel(toPanel(panel, id));
    }
  }
  return dashboard.build();
}
