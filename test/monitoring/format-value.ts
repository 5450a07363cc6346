/** Writes a value in one of the units of Grafana that the dashboards use. Stands alone: it is also sent to the browser. */
export function formatValue(value: number, unit: string): string {
  const digits = (number: number) =>
    number === 0 ? '0' : Math.abs(number) >= 100 ? number.toFixed(0) : String(Number(number.toPrecision(3)));
  const scaled = (base: number, suffixes: string[]) => {
    let rest = value;
    let step = 0;
    while (Math.abs(rest) >= base && step < suffixes.length - 1) {
      rest /= base;
      step += 1;
    }
    return digits(rest) + suffixes[step];
  };
  if (!Number.isFinite(value)) return 'none';
  if (unit === 'percentunit') return `${digits(value * 100)}%`;
  if (unit === 'bytes') return scaled(1024, [' B', ' KiB', ' MiB', ' GiB']);
  if (unit === 's') {
    if (value !== 0 && Math.abs(value) < 1) return `${digits(value * 1000)} ms`;
    return Math.abs(value) < 120 ? `${digits(value)} s` : `${digits(value / 60)} min`;
  }
  const suffix = unit.startsWith('suffix:') ? unit.slice('suffix:'.length) : '';
  return scaled(1000, ['', 'k', 'M', 'G']) + suffix;
}
