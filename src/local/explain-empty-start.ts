import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

/**
 * How to begin without data where the embedded database keeps it, as the end of a sentence. The stand-in gateway's book goes with it:
 * it speaks of the payments of that database. Where the data had to go to another place, that place is named.
 */
export function explainEmptyStart(dataFolder: string): string {
  const folders = ['postgres', 'gateway-mock']
    .map((name) => path.resolve(dataFolder, name))
    .filter((folder) => existsSync(folder))
    .map((folder) => realpathSync(folder));
  return `to begin without its data, remove ${folders.join(' and ')} while npm start is stopped`;
}
