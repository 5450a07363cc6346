import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** The uid that ops/grafana/provisioning/datasources gives to Prometheus. */
export const DATA_SOURCE = { type: 'prometheus', uid: 'tollgate-prometheus' };
const COLUMNS = 24;

/** What a panel shows. Everything that all panels have in common is in `toPanel`. */
export interface PanelSpec {
  readonly title: string;
  /** For somebody who sees it for the first time, at night: what it is, and what is wrong when it moves. */
  readonly description: string;
  /** stat: the value now, in large. chart: lines over time. */
  readonly kind: 'stat' | 'chart';
  /** A unit of Grafana: s, bytes, percentunit, short, `suffix:/s`. */
  readonly unit: string;
  /** A query that ends in a legend; the legend names the line. */
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
  /** From this value on, this colour. */
  readonly thresholds?: readonly (readonly [value: number, color: 'green' | 'orange' | 'red'])[];
  /** Colour below the first threshold. */
  readonly base?: 'green' | 'red' | 'orange';
  /** A section of docs/runbooks.md. */
  readonly runbook?: string;
  readonly widthColumns: number;
  readonly max?: number;
  /** Whether the axis goes below 0; otherwise it begins there. */
  readonly mayBeNegative?: true;
  /** Lines that add up to a whole are drawn on top of each other. */
  readonly isStacked?: boolean;
}

/** Where the run-book's section on an alert is, inside Grafana: no address outside is needed at night. */
export function runbookUrl(alert: string): string {
  return `/d/tollgate-runbook?viewPanel=panel-${runbookPanelId(alert)}`;
}

/** The same alert has the same panel however many others come and go. */
export function runbookPanelId(alert: string): number {
  let hash = 7;
  for (const character of alert) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return hash + 1;
}

/** Makes a Grafana panel of a spec. */
export function toPanel(spec: PanelSpec, id: number): timeseries.PanelBuilder | stat.PanelBuilder {
  const panel = spec.kind === 'stat' ? statPanel() : chartPanel(spec);
  panel
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .datasource(DATA_SOURCE)
    .unit(spec.unit)
    .span(Math.min(spec.widthColumns, COLUMNS))
    .height(spec.kind === 'stat' ? 4 : 8)
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps([
          { value: null as unknown as number, color: spec.base ?? 'green' },
          ...(spec.thresholds ?? []).map(([value, color]) => ({ value, color })),
        ]),
    );
  if (!spec.mayBeNegative) panel.min(0);
  if (spec.max !== undefined) panel.max(spec.max);
  if (spec.runbook !== undefined) {
    panel.links([
      new DashboardLinkBuilder(`Run-book: ${spec.runbook}`)
        .type(DashboardLinkType.Link)
        .url(runbookUrl(spec.runbook))
        .targetBlank(true),
    ]);
  }
  spec.queries.forEach(({ expr, legend }, index) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCodePoint('A'.charCodeAt(0) + index))
      .datasource(DATA_SOURCE)
      .expr(expr)
      .legendFormat(legend);
    panel.withTarget(spec.kind === 'stat' ? query.instant() : query.range());
  });
  return panel;
}

function statPanel(): stat.PanelBuilder {
  return new stat.PanelBuilder()
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(common.BigValueColorMode.Background)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}

function chartPanel({ isStacked = false, thresholds = [] }: PanelSpec): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .lineWidth(1)
    .fillOpacity(isStacked ? 40 : 8)
    .showPoints(VisibilityMode.Never)
    .spanNulls(60_000)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(common.SortOrder.Descending));
  if (isStacked) panel.stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal));
  if (thresholds.length > 0) {
    panel.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.DashedAndArea),
    );
  }
  return panel;
}
