import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Dashboard, type Panel, queryPanels, ROOT } from '../support/monitoring-files.ts';
import type { Series, StartedPrometheus } from '../support/prometheus.ts';
import { PAGE_WIDTH_PX, type PanelData, pageHeightPx, renderPage } from './dashboard-page.ts';

const RANGE_SECONDS = 170;
const STEP_SECONDS = 2;

/**
 * Draws a dashboard's panels from the answers of a real Prometheus, with uPlot in Chromium, into docs/images.
 * @returns the size of the picture in bytes.
 */
export async function drawDashboard(
  dashboard: Dashboard,
  prometheus: StartedPrometheus,
  concrete: (expr: string) => string,
): Promise<number> {
  const endSeconds = Math.floor(Date.now() / 1000);
  const data: PanelData[] = [];
  for (const panel of queryPanels(dashboard)) data.push(await readPanel(panel));

  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-dashboard-'));
  const page = path.join(folder, 'page.html');
  const picture = path.join(ROOT, 'docs', 'images', `${dashboard.uid}.png`);
  writeFileSync(page, renderPage(dashboard, data));
  await promisify(execFile)('chromium', [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    `--user-data-dir=${folder}`,
    `--window-size=${PAGE_WIDTH_PX},${pageHeightPx(dashboard)}`,
    `--screenshot=${picture}`,
    `file://${page}`,
  ]);
  rmSync(folder, { recursive: true, force: true });
  return statSync(picture).size;

  async function readPanel(panel: Panel): Promise<PanelData> {
    const timesSeconds: number[] = [];
    for (let time = endSeconds - RANGE_SECONDS; time <= endSeconds; time += STEP_SECONDS)
      timesSeconds.push(time);
    const range = { startSeconds: timesSeconds[0] as number, endSeconds, stepSeconds: STEP_SECONDS };
    const lines = [];
    for (const { expr, legendFormat } of panel.targets ?? []) {
      const found = await prometheus.queryRange(concrete(expr), range);
      lines.push(
        ...found.map((series) => ({
          name: nameOf(series, legendFormat),
          values: valuesAt(series, timesSeconds),
        })),
      );
    }
    return { panel, timesSeconds, lines };
  }
}

function nameOf({ metric }: Series, legendFormat: string): string {
  return legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '');
}

function valuesAt({ points }: Series, timesSeconds: readonly number[]): (number | null)[] {
  const byTime = new Map(points);
  return timesSeconds.map((time) => {
    const value = byTime.get(time);
    return value !== undefined && Number.isFinite(value) ? value : null;
  });
}
