import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Dashboard, Panel } from '../support/monitoring-files.ts';
import { formatValue } from './format-value.ts';

/** A line as it is drawn: values by time, null where there is none. */
export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** What one panel has to show. */
export interface PanelData {
  readonly panel: Panel;
  readonly timesSeconds: readonly number[];
  readonly lines: readonly Line[];
}

export const PAGE_WIDTH_PX = 1500;
const COLUMN_PX = PAGE_WIDTH_PX / 24;
const ROW_PX = 36;
const LEGEND_LINE_PX = 15;
const COLORS = [
  '#73bf69',
  '#f2cc0c',
  '#5794f2',
  '#ff9830',
  '#f2495c',
  '#b877d9',
  '#8ab8ff',
  '#fade2a',
  '#96d98d',
  '#ffa6b0',
];
const THRESHOLD_COLORS: Record<string, string> = { green: '#37872d', orange: '#e0752d', red: '#c4162a' };

const require = createRequire(import.meta.url);
const uplotFolder = path.dirname(require.resolve('uplot'));

/** How high the page is, in pixels. */
export function pageHeightPx(dashboard: Dashboard): number {
  return Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h)) * ROW_PX + 60;
}

/** One self-contained page with a dashboard's panels where Grafana would put them. */
export function renderPage(dashboard: Dashboard, data: readonly PanelData[]): string {
  const rows = dashboard.panels.filter(({ type }) => type === 'row');
  return `<!doctype html><meta charset="utf-8"><style>${readFileSync(path.join(uplotFolder, 'uPlot.min.css'), 'utf8')}
body { margin: 0; background: #111217; color: #ccccdc; font: 12px "DejaVu Sans", sans-serif; width: ${PAGE_WIDTH_PX}px; }
h1 { font-size: 18px; margin: 12px 10px; height: 24px; font-weight: 500; }
main { position: relative; }
section, h2 { position: absolute; box-sizing: border-box; overflow: hidden; margin: 0; }
section { background: #181b1f; border: 1px solid #2c3235; border-radius: 2px; padding: 6px 8px; }
h2 { font-size: 14px; font-weight: 500; padding: 10px; }
h3 { font-size: 12px; font-weight: 500; margin: 0 0 2px; white-space: nowrap; }
.legend { line-height: ${LEGEND_LINE_PX}px; font-size: 10px; columns: 2; column-gap: 12px; }
.legend div { display: flex; gap: 5px; white-space: nowrap; }
.legend span { overflow: hidden; text-overflow: ellipsis; flex: 1; }
.legend i { width: 10px; height: 3px; margin-top: 6px; flex: none; }
.stats { display: flex; height: 100%; gap: 8px; position: absolute; inset: 26px 8px 8px; height: auto; }
.stats div { flex: 1; display: flex; flex-direction: column; align-items: center; justify-content: center; color: #fff; font-size: 30px; }
.stats small { font-size: 11px; }
</style><h1>${escapeHtml(dashboard.title)}</h1><main>
${rows.map((row) => `<h2 style="${placeOf(row)}">${escapeHtml(row.title)}</h2>`).join('\n')}
${data.map(renderPanel).join('\n')}
</main><script>${readFileSync(path.join(uplotFolder, 'uPlot.iife.min.js'), 'utf8')}</script>
<script>const colors = ${JSON.stringify(COLORS)}; const thresholdColors = ${JSON.stringify(THRESHOLD_COLORS)};
const formatValue = ${formatValue.toString()};
(${drawCharts.toString()})(${JSON.stringify(data.filter(({ panel }) => panel.type !== 'stat').map(describeChart))});</script>`;
}

function placeOf({ gridPos: { x, y, w, h } }: Panel): string {
  return `left: ${x * COLUMN_PX + 3}px; top: ${y * ROW_PX + 3}px; width: ${w * COLUMN_PX - 6}px; height: ${h * ROW_PX - 6}px`;
}

function renderPanel(data: PanelData): string {
  const { panel } = data;
  const body =
    panel.type === 'stat' ? renderStats(data) : `<div id="chart-${panel.id}"></div>${renderLegend(data)}`;
  return `<section style="${placeOf(panel)}"><h3>${escapeHtml(panel.title)}</h3>${body}</section>`;
}

function renderStats({ panel, lines }: PanelData): string {
  const { unit = 'short', thresholds } = panel.fieldConfig?.defaults ?? {};
  const boxes = lines.map(({ name, values }) => {
    const value = values.findLast((candidate) => candidate !== null) ?? Number.NaN;
    const step = thresholds?.steps.findLast(
      (candidate) => candidate.value === null || value >= candidate.value,
    );
    const background = THRESHOLD_COLORS[step?.color ?? 'green'];
    const label = lines.length > 1 ? `<small>${escapeHtml(name)}</small>` : '';
    return `<div style="background: ${background}">${label}${formatValue(value, unit)}</div>`;
  });
  return `<div class="stats">${boxes.join('')}</div>`;
}

function renderLegend({ panel, lines }: PanelData): string {
  const unit = panel.fieldConfig?.defaults.unit ?? 'short';
  const entries = lines.map(({ name, values }, index) => {
    const last = values.findLast((value) => value !== null) ?? Number.NaN;
    return `<div><i style="background: ${COLORS[index % COLORS.length]}"></i><span>${escapeHtml(name)}</span>${formatValue(last, unit)}</div>`;
  });
  return `<div class="legend">${entries.join('')}</div>`;
}

function describeChart({ panel, timesSeconds, lines }: PanelData) {
  const { unit = 'short', max, thresholds, custom } = panel.fieldConfig?.defaults ?? {};
  const legendPx = Math.ceil(lines.length / 2) * LEGEND_LINE_PX;
  return {
    id: `chart-${panel.id}`,
    widthPx: panel.gridPos.w * COLUMN_PX - 24,
    heightPx: Math.max(90, panel.gridPos.h * ROW_PX - 40 - legendPx),
    unit,
    max: max ?? null,
    isStacked: custom?.stacking?.mode === 'normal',
    thresholds: (thresholds?.steps ?? []).filter(({ value }) => value !== null),
    times: timesSeconds,
    lines: lines.map(({ values }) => values),
  };
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

// What follows runs in the browser, out of reach of everything above but what the page defines.
declare const uPlot: new (options: object, data: unknown[], place: unknown) => unknown;
declare const document: { getElementById(id: string): unknown };
declare const colors: string[];
declare const thresholdColors: Record<string, string>;

function drawCharts(charts: ReturnType<typeof describeChart>[]): void {
  for (const chart of charts) {
    const sums = chart.times.map(() => 0);
    const data = chart.lines.map((values) =>
      chart.isStacked
        ? values.map((value, index) => {
            sums[index] = (sums[index] as number) + (value ?? 0);
            return sums[index];
          })
        : values,
    );
    const highest = Math.max(...data.flat().map((value) => value ?? 0), 0);
    const top = chart.max ?? (highest === 0 ? 1 : highest * 1.1);
    const axis = {
      stroke: '#8e8e99',
      grid: { stroke: '#25272c', width: 1 },
      ticks: { show: false },
      font: '10px sans-serif',
    };
    // The tallest of a stack is drawn first, so that the others stay visible before it.
    const order = data.map((_, index) => index);
    if (chart.isStacked) order.reverse();
    new uPlot(
      {
        width: chart.widthPx,
        height: chart.heightPx,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: [0, top] } },
        axes: [
          axis,
          {
            ...axis,
            size: 62,
            values: (_: unknown, ticks: number[]) => ticks.map((tick) => formatValue(tick, chart.unit)),
          },
        ],
        series: [
          {},
          ...order.map((index) => {
            const color = colors[index % colors.length] as string;
            return {
              stroke: color,
              width: 1.2,
              fill: color + (chart.isStacked ? 'e6' : '14'),
              points: { show: false },
              spanGaps: true,
            };
          }),
        ],
        hooks: {
          draw: [
            (plot: {
              ctx: CanvasContext;
              bbox: { left: number; width: number };
              valToPos(value: number, scale: string, isCanvas: boolean): number;
            }) => {
              for (const { value, color } of chart.thresholds) {
                if (value === null || value > top) continue;
                const y = plot.valToPos(value, 'y', true);
                plot.ctx.strokeStyle = thresholdColors[color] as string;
                plot.ctx.setLineDash([6, 4]);
                plot.ctx.beginPath();
                plot.ctx.moveTo(plot.bbox.left, y);
                plot.ctx.lineTo(plot.bbox.left + plot.bbox.width, y);
                plot.ctx.stroke();
                plot.ctx.setLineDash([]);
              }
            },
          ],
        },
      },
      [chart.times, ...order.map((index) => data[index])],
      document.getElementById(chart.id),
    );
  }
}

interface CanvasContext {
  strokeStyle: string;
  setLineDash(pattern: number[]): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
}
