import { createCoalescer } from '../background/coalescer.ts';
import type { Pool, Queryable } from '../database/database.ts';
import { toCommandError } from './command-error.ts';
import type { ExecutorOptions } from './create-executor.ts';

/** Reads rows by their names: one for each name in order, undefined for a name that has none. */
export type ReadMany<Name, Found> = (
  queryable: Queryable,
  names: readonly Name[],
) => Promise<readonly (Found | undefined)[]>;

export interface Lookup<Name, Found> {
  /** @throws CommandUnavailable if too many are waiting or the database is not available. */
  find(name: Name): Promise<Found | undefined>;
}

const MAX_CONCURRENT_READS = 2;

/**
 * Finds what has to be known of a row before a command is made, such as whose it is and in which currency, and which never changes.
 * Requests that look something up at the same time share one statement: read one by one, the rows of commands would cost more than the commands.
 */
export function createLookup<Name, Found>(
  readMany: ReadMany<Name, Found>,
  {
    pool,
    maxBatchSize,
    maxWaiting,
    maxWaitMs,
  }: Pick<ExecutorOptions, 'maxBatchSize' | 'maxWaiting' | 'maxWaitMs'> & { readonly pool: Pool },
): Lookup<Name, Found> {
  const coalescer = createCoalescer<Name, Found | undefined>({
    maxBatchSize,
    maxWaiting,
    maxWaitMs,
    maxConcurrentBatches: MAX_CONCURRENT_READS,
    run: (names) => readMany(pool, names),
  });
  return {
    async find(name) {
      try {
        return await coalescer.submit(name);
      } catch (error) {
        throw toCommandError(error);
      }
    },
  };
}
