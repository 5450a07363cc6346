import { nearestName } from '../../text/nearest-name.ts';

/** The contents of a `.env` file. */
export interface EnvFile {
  readonly values: ReadonlyMap<string, string>;
  /** The line, counted from 1, on which each value begins. */
  readonly lines: ReadonlyMap<string, number>;
  /** Sentences that name the line, but never a value, which may be a secret. */
  readonly problems: readonly string[];
  /** Names that are not settings and resemble none: other programs may read the file, too. */
  readonly unknown: readonly { readonly name: string; readonly line: number }[];
}

const ENTRY = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*(.*)$/s;
const COMMENT_OR_NOTHING = /^\s*(#.*)?$/;

/**
 * Reads `.env` as Node does (`node --env-file`), and reports what Node silently ignores. Quoted values may span lines.
 * @param names the names of all settings.
 */
export function parseEnvFile(bytes: Buffer, names: readonly string[]): EnvFile {
  const values = new Map<string, string>();
  const lines = new Map<string, number>();
  const problems: string[] = [];
  const unknown: { name: string; line: number }[] = [];
  const decoded = decode(bytes);
  if ('problem' in decoded) return { values, lines, problems: [decoded.problem], unknown };

  const rest = decoded.text.split(/\r\n|\n|\r/);
  for (let index = 0; index < rest.length; index += 1) {
    const text = rest[index]?.trim() ?? '';
    if (text === '' || text.startsWith('#')) continue;
    const line = index + 1;
    const tell = (problem: string) => problems.push(`line ${line}${problem}`);
    const [, name = '', assigned = ''] = ENTRY.exec(text) ?? [];
    if (!assigned.startsWith('=')) {
      // A line that is not a setting may be half of a secret, so do not print it.
      if (names.includes(name)) tell(`: ${name} must be followed by =, as in ${name}=value`);
      else tell(' is not NAME=value');
      continue;
    }
    const read = readValue(assigned.slice(1).trim(), rest.slice(index + 1));
    if ('problem' in read) {
      tell(`: ${read.problem(name)}`);
      continue;
    }
    index += read.furtherLines;
    const earlier = lines.get(name);
    if (earlier !== undefined) tell(`: ${name} is already set on line ${earlier}`);
    if (!names.includes(name)) {
      const meant = nearestName(name, names);
      if (meant) tell(`: there is no setting ${name}. Did you mean ${meant}?`);
      else unknown.push({ name, line });
    }
    values.set(name, read.value);
    lines.set(name, line);
  }
  return { values, lines, problems, unknown };
}

type ReadValue =
  | { readonly value: string; readonly furtherLines: number }
  | { readonly problem: (name: string) => string };

function readValue(first: string, following: readonly string[]): ReadValue {
  const quote = /^["'`]/.exec(first)?.[0];
  if (quote) return readQuoted(quote, [first.slice(1), ...following].join('\n'));
  const [value = ''] = first.split(/(?:^|\s+)#/);
  if (value.includes('#'))
    return {
      problem: (name) =>
        `the # in ${name} could begin a comment: put the value in quotes, or write %23 instead if it is a URL`,
    };
  return { value, furtherLines: 0 };
}

function readQuoted(quote: string, text: string): ReadValue {
  const end = text.indexOf(quote);
  if (end < 0)
    return { problem: (name) => `the value of ${name} begins with a ${quote} that is never closed` };
  const [behind = ''] = text.slice(end + 1).split('\n');
  if (!COMMENT_OR_NOTHING.test(behind))
    return { problem: (name) => `there is text after the closing ${quote} of ${name}` };
  const raw = text.slice(0, end);
  return {
    value: quote === '"' ? raw.replaceAll('\\n', '\n') : raw,
    furtherLines: raw.split('\n').length - 1,
  };
}

/** A byte order mark, which some editors write, is not part of the text. */
function decode(bytes: Buffer): { readonly text: string } | { readonly problem: string } {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff' || bytes.includes(0))
    return { problem: 'it is encoded in UTF-16. Save it as UTF-8' };
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    return { text: decoder.decode(bytes) };
  } catch {
    const line = bytes.toString('utf8').split('\uFFFD')[0]?.split('\n').length;
    return { problem: `line ${line} is not UTF-8. Save the file as UTF-8` };
  }
}
