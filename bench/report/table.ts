import type { Results } from './results.ts';
import { type JudgedTarget, judgeTargets, type Target } from './targets.ts';

/** The results as a Markdown table that is also readable in a terminal: where and when, then each target with its result. */
export function renderTable(results: Results): string {
  const rows = judgeTargets(results.parts).map((target) => [
    target.meaning,
    renderBound(target),
    `${target.value} ${target.unit}`,
    target.isMet ? 'met' : '**not met**',
    renderFigures(target, results),
  ]);
  const lines = alignColumns([['what', 'target', 'measured', '', 'figures'], ...rows]);
  return [renderPlace(results), '', ...lines, ...renderFailures(results)].join('\n');
}

/** Parts without figures belong to the results, too. */
function renderFailures({ failures = {} }: Results): string[] {
  const lines = Object.entries(failures).map(([part, reason]) => `**${part} has no figures**: ${reason}`);
  return lines.length === 0 ? [] : ['', ...lines];
}

function renderPlace({ date, command, machine, postgres }: Results): string {
  const { cpu, core_count, memory_gib, node } = machine;
  return `Measured on ${date.slice(0, 10)} with \`${command}\`: ${cpu}, ${core_count} cores, ${memory_gib} GiB, Node ${node}, PostgreSQL ${postgres.version}.`;
}

function renderBound({ atLeast, atMost, unit }: Target): string {
  return atLeast === undefined ? `≤ ${atMost} ${unit}` : `≥ ${atLeast} ${unit}`;
}

/** The two figures behind a ratio. */
function renderFigures({ part, field }: JudgedTarget, results: Results): string {
  const figures = results.parts[part]?.figures as Readonly<Record<string, string>> | undefined;
  return figures?.[field] ?? '';
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)];
}
