import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SETTING_PLACES } from '../../src/process/settings/config.ts';
import { ROOT } from './monitoring-files.ts';

/** Files that name settings for every process: the schema, and what reads it. */
const SCHEMA = [
  'src/process/settings/config.ts',
  'src/process/settings/load-config.ts',
  'src/process/settings/',
].map((file) => path.join(ROOT, file));

/**
 * The settings that a process reads: those whose places (`worker.leaseMs`) or names stand in its code, or in code that it
 * imports, or its field where a group is taken apart (`const { leaseMs } = config.worker`).
 */
export function settingsReadBy(main: string): string[] {
  const names = new Set<string>();
  for (const file of filesOf(path.join(ROOT, main))) {
    if (SCHEMA.some((prefix) => file.startsWith(prefix))) continue;
    const source = withoutComments(readFileSync(file, 'utf8'));
    for (const { name, group, field } of SETTING_PLACES)
      if (
        new RegExp(`\\b(${group}\\.${field}|${name})\\b`).test(source) ||
        new RegExp(`\\{[^{}]*\\b${field}\\b[^{}]*\\} = [\\w.]*\\b${group};`).test(source)
      )
        names.add(name);
  }
  return [...names].sort();
}

function filesOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const source = readFileSync(file, 'utf8');
  for (const [, target] of source.matchAll(/^(?:import|export|\} from)\b.*?'(\.[^']+)';$/gm))
    filesOf(path.resolve(path.dirname(file), target as string), found);
  return found;
}

function withoutComments(source: string): string {
  return source
    .replaceAll(/\/\*.*?\*\/|(?<=^|\s)\/\/[^\n]*/gs, '')
    .replaceAll(/'[^'\n]*'|`[^`]*`/g, (text) => (text.includes('${') ? text : ''));
}
