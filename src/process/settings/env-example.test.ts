import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { parseConfig, SETTING_NAMES } from './config.ts';

const text = readFileSync(path.resolve(import.meta.dirname, '..', '..', '..', '.env.example'), 'utf8');
const settings = parseEnv(text) as Record<string, string>;

test('.env.example names every setting that there is, and no other', () => {
  expect(Object.keys(settings).sort()).toEqual(SETTING_NAMES.toSorted());
});

test('.env.example says what the defaults are', () => {
  expect(parseConfig(settings)).toEqual(parseConfig({}));
});

test('.env.example explains each setting in the line above it', () => {
  const lines = text.split('\n');
  for (const name of SETTING_NAMES) {
    const index = lines.findIndex((line) => line.startsWith(`${name}=`));
    expect(lines[index - 1]).toMatch(/^# \S/);
  }
});
