import { open } from 'node:fs/promises';
import { parseRates } from './parse-rates.ts';
import { type RateProvider, RateSourceError } from './rate-provider.ts';

/** Rates of all currencies that exist are a few kilobytes. */
export const MOST_BYTES = 1_000_000;

/** Rates from a file that somebody else writes. Replace it by a rename, so that it is never read half written. */
export function createFileRates({ path }: { readonly path: string }): RateProvider {
  return {
    source: 'file',
    async read() {
      const text = await readStart(path);
      const given = parseRates(text, { now: new Date() });
      if (typeof given === 'string') throw new RateSourceError('file', `the file cannot be used: ${given}`);
      return given;
    },
  };
}

/** Never reads more than the limit: the path may lead to something endless. */
async function readStart(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      if (!(await file.stat()).isFile()) throw new RateSourceError('file', 'the path is not a file');
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES + 1), 0, MOST_BYTES + 1, 0);
      if (bytesRead > MOST_BYTES) throw new RateSourceError('file', `it has more than ${MOST_BYTES} bytes`);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof RateSourceError) throw error;
    throw new RateSourceError('file', `the file cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
