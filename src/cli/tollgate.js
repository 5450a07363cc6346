#!/usr/bin/env node
// The command `tollgate`. Plain JavaScript: an old Node must be able to read it, to hand over to the one that npm installed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('./main.ts', import.meta.url);
const installedNode = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const canRunTypeScript = major > 22 || (major === 22 && minor >= 20);

if (canRunTypeScript) {
  await import(main.href);
} else if (existsSync(installedNode)) {
  const child = spawn(installedNode, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends a Ctrl-C to both; the child decides what it means.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => {
    process.exit(code ?? (signal === 'SIGINT' ? 130 : 1));
  });
} else {
  process.stderr.write(`Tollgate needs Node 22.20 or newer, this is ${process.versions.node}. Run: npm ci\n`);
  process.exit(1);
}
