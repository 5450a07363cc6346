import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SETTING_NAMES } from '../../src/shared/config.ts';
import { ROOT } from './monitoring-files.ts';

/** Files that name settings for every process: the schema, and what reads it. */
const SCHEMA = ['src/shared/config.ts', 'src/shared/load-config.ts'].map((file) => path.join(ROOT, file));

/** The settings that a process reads: those whose names stand in its code, or in code that it imports. */
export function settingsReadBy(main: string): string[] {
  const names = new Set<string>();
  for (const file of filesOf(path.join(ROOT, main))) {
    if (SCHEMA.includes(file)) continue;
    const words = new Set(withoutComments(readFileSync(file, 'utf8')).match(/\b[A-Z][A-Z0-9_]+\b/g));
    for (const name of SETTING_NAMES) if (words.has(name)) names.add(name);
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
