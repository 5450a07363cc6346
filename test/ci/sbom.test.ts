import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/monitoring-files.ts';

interface Component {
  readonly name: string;
  readonly version: string;
  readonly group?: string;
}

/** The command of `.ci/run` that lists what is shipped. */
function listShipped(): string[] {
  const script = readFileSync(path.join(ROOT, '.ci/run'), 'utf8');
  const [, args] = /^npm (sbom .*) >sbom\.json$/m.exec(script) ?? [];
  if (args === undefined) throw new Error('.ci/run no longer lists what is shipped');
  const { stdout, stderr } = spawnSync('npm', args.split(' '), {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (!stdout) throw new Error(stderr);
  const { components } = JSON.parse(stdout) as { components: Component[] };
  return components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name} ${version}`);
}

function installed(name: string): string {
  const manifest = readFileSync(path.join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  return `${name} ${JSON.parse(manifest).version}`;
}

const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

test('the list of what is shipped has every dependency in its installed version, and nothing that only development needs', () => {
  const shipped = listShipped();
  const dependencies = Object.keys(manifest.dependencies);
  expect(dependencies.length).toBeGreaterThan(10);
  expect(shipped).toEqual(expect.arrayContaining(dependencies.map(installed)));
  for (const tool of ['jest', 'typescript', 'nock', 'knip'])
    expect(shipped.filter((each) => each.startsWith(`${tool} `))).toEqual([]);
}, 60_000);
