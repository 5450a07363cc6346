import {
  type Dashboard,
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as text from '@grafana/grafana-foundation-sdk/text';
import { runbookPanelId } from './panel.ts';

/** The sections of the run-book by their title, which is the name of an alert in all but the last few. */
export function readRunbook(markdown: string): Map<string, string> {
  const sections = markdown.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [title = '', ...lines] = section.split('\n');
      return [title, lines.join('\n').trim()];
    }),
  );
}

/** The run-book as a dashboard, so that a link at night needs nothing but Grafana. */
export function toRunbookDashboard(markdown: string): Dashboard {
  const dashboard = new DashboardBuilder('Tollgate: Run-book')
    .uid('tollgate-runbook')
    .description('What each alert means, what to look at, what to do. The same text as docs/runbooks.md.')
    .tags(['tollgate'])
    .readonly()
    .link(
      new DashboardLinkBuilder('Tollgate')
        .type(DashboardLinkType.Dashboards)
        .tags(['tollgate'])
        .keepTime(true),
    );
  for (const [title, content] of readRunbook(markdown)) {
    dashboard.withPanel(
      new text.PanelBuilder()
        .id(runbookPanelId(title))
        .title(title)
        .mode(text.TextMode.Markdown)
        .content(content)
        .span(12)
        .height(12),
    );
  }
  return dashboard.build();
}
