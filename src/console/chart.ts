import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { html } from './html.ts';

export interface ChartLine {
  readonly label: string;
  /** A custom property of the style sheet, so that it works in light and dark mode. */
  readonly color: `--${string}`;
}

const HEIGHT_PX = 190;

/**
 * Lines over time that move as points are added.
 * @param points first the times in seconds, then the values of each line.
 */
export function Chart({
  title,
  unit,
  leastTop,
  lines,
  points,
}: {
  readonly title: string;
  readonly unit: string;
  /** The axis reaches at least this far, so that tiny values do not look large. */
  readonly leastTop: number;
  readonly lines: readonly ChartLine[];
  readonly points: readonly (readonly (number | null)[])[];
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);

  const latestPoints = useRef(points);
  latestPoints.current = points;

  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsOf(element, { lines, leastTop }),
        pointsOf(latestPoints.current, lines),
        element,
      );
    };
    draw();
    const size = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    size.observe(element);
    // uPlot reads colours only when a chart is created.
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      size.disconnect();
      theme.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(pointsOf(points, lines)), [points]);

  const latest = lines.map(
    ({ label }, index) => `${label} ${points[index + 1]?.at(-1)?.toFixed(2) ?? 'unknown'}`,
  );
  return html`<div class="chart" role="img" aria-label="${title}, in ${unit}: ${latest.join(', ')}">
    <p class="chart-title">${title} <small>${unit}</small></p>
    <div ref=${place}></div>
  </div>`;
}

function pointsOf(
  points: readonly (readonly (number | null)[])[],
  lines: readonly ChartLine[],
): uPlot.AlignedData {
  const given = points.length === lines.length + 1 ? points : [[], ...lines.map(() => [])];
  return given as unknown as uPlot.AlignedData;
}

function optionsOf(
  element: HTMLElement,
  { lines, leastTop }: { readonly lines: readonly ChartLine[]; readonly leastTop: number },
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--pico-muted-color'),
    grid: { stroke: color('--pico-muted-border-color'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    legend: { live: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(most * 1.15, leastTop)] } },
    axes: [
      { ...axis, space: 90, values: (_plot, seconds) => seconds.map(formatClock) },
      { ...axis, size: 48 },
    ],
    series: [
      {},
      ...lines.map(({ label, color: name }) => ({
        label,
        stroke: color(name),
        width: 2,
        points: { show: false },
      })),
    ],
  };
}

function formatClock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, { timeStyle: 'medium' });
}
