import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A file for GATEWAYS_FILE, which a test may write again. */
export function createGatewaysFile(gateways: object | string = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-gateways-'));
  const file = path.join(folder, 'gateways.json');
  const write = (described: object | string) =>
    writeFileSync(file, typeof described === 'string' ? described : JSON.stringify(described));
  write(gateways);
  return { file, write, remove: () => rmSync(folder, { recursive: true }) };
}
