import { styleText } from 'node:util';

const LEVEL_COLOURS = { error: 'red', fatal: 'red', warn: 'yellow', debug: 'dim', trace: 'dim' } as const;
/** Fields that are the same in every line, or shown elsewhere in the line. */
const LEFT_OUT = new Set(['level', 'time', 'event', 'app', 'env', 'process', 'pid', 'request_id', 'user_id']);

/**
 * Makes a structured log line readable: `12:00:01.234 payment.settled payment_id=1 latency_ms=12`.
 * Returns a line that is not JSON unchanged.
 */
export function renderLogLine(line: string, { isColoured }: { readonly isColoured: boolean }): string {
  const entry = parse(line);
  if (!entry) return line;
  const level = String(entry.level);
  const time = String(entry.time).slice(11, 23);
  const fields = Object.entries(entry)
    .filter(([name, value]) => !LEFT_OUT.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${renderValue(value)}`);
  const parts = [time, level === 'info' ? '' : level.toUpperCase(), String(entry.event), ...fields];
  const text = parts.filter(Boolean).join(' ');
  const colour = LEVEL_COLOURS[level as keyof typeof LEVEL_COLOURS];
  return isColoured && colour ? styleText(colour, text) : text;
}

function renderValue(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value) return JSON.stringify(value.message);
  return typeof value === 'string' && /^[\w./:-]*$/.test(value) ? value : JSON.stringify(value);
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line);
    return typeof entry.event === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}
