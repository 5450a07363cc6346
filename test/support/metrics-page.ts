/** One metric as a `/metrics` page shows it. */
export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
}

/** Reads Prometheus's text format, as far as tests need it: families, and the labels of their samples. */
export function readMetricsPage(text: string): MetricFamily[] {
  return text
    .split(/^(?=# HELP )/m)
    .filter((part) => part.startsWith('# HELP '))
    .map((part) => {
      const [helpLine = '', typeLine = '', ...lines] = part.trim().split('\n');
      const [, name = '', help = ''] = /^# HELP (\S+) (.*)$/.exec(helpLine) ?? [];
      const [, type = ''] = /^# TYPE \S+ (\S+)$/.exec(typeLine) ?? [];
      const samples = lines
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => {
          const [, sampleName = '', labelText = ''] = /^([^{ ]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
          const labels = Object.fromEntries(
            [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => [label, value]),
          );
          return { name: sampleName, labels };
        });
      return { name, type, help, samples };
    });
}
