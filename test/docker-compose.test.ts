import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SETTING_NAMES } from '../src/shared/config.ts';

const root = path.resolve(import.meta.dirname, '..');
const compose = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8');

test('every container runs a file that exists and that the image has', () => {
  const scripts = [...compose.matchAll(/command: \["node", "([^"]+)"\]/g)].map(
    ([, script]) => script as string,
  );
  expect(scripts).toEqual([
    'src/local/migrate.ts',
    'src/api/main.ts',
    'src/worker/main.ts',
    'src/gateway-mock/main.ts',
  ]);
  for (const script of scripts) expect(existsSync(path.join(root, script))).toBe(true);
  expect(readFileSync(path.join(root, 'Dockerfile'), 'utf8')).toContain('COPY src ./src');
});

test('every setting it gives is one that there is', () => {
  const block = /environment: &environment\n((?: {4}[A-Z_]+: .*\n)+)/.exec(compose)?.[1] ?? '';
  const names = [...block.matchAll(/^ {4}([A-Z_]+):/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(5);
  expect(SETTING_NAMES).toEqual(expect.arrayContaining(names));
});
