import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

// Prints a CycloneDX list of the packages that are shipped. `npm sbom --omit=dev` would leave out every package that something of development
// uses as well, such as pg. So this asks npm about a manifest and a lock file that have nothing else.
const ROOT = path.resolve(import.meta.dirname, '..');
const read = (file) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
const manifest = read('package.json');
const lock = read('package-lock.json');
for (const root of [manifest, lock.packages['']]) {
  delete root.devDependencies;
  delete root.optionalDependencies;
}
for (const [place, { dev, optional, devOptional }] of Object.entries(lock.packages))
  if (dev || optional || devOptional) delete lock.packages[place];

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-shipped-'));
try {
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: folder,
    // npm tells its children about the project that it was started in, which is not this folder.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  process.stdout.write(stdout ?? '');
  process.stderr.write(stderr ?? '');
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
