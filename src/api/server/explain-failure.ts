import type { z } from 'zod';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { mayBeWritten } from '../../database/transactions/known-unwritten.ts';
import { Problem } from '../problems/problem.ts';
import type { Operation } from './operation.ts';

/** They say where in a list, not what of it. */
const PLACES: ReadonlySet<string> = new Set(['cursor']);

/**
 * What an error of the database means to whoever sent this operation, where that is more than that the database is away: a list that took
 * too long, or a write that may have happened. Any other error is given back as it is.
 */
export function explainFailure(error: unknown, operation: Pick<Operation, 'method' | 'query'>): unknown {
  if (error instanceof Problem) return error;
  const { kind, isUnavailable } = classifyDatabaseError(error);
  if (operation.method !== 'get')
    return isUnavailable && mayBeWritten(error)
      ? new Problem('write-outcome-unknown', { cause: error })
      : error;
  const names = narrowingOf(operation);
  if (kind !== 'timeout' || names.length === 0) return error;
  return new Problem('list-too-slow', {
    detail: `The list took too long. Narrow it by ${names.join(', ')}, or ask again later.`,
    cause: error,
  });
}

/** The parameters that make a list smaller. */
export function narrowingOf({ query }: Pick<Operation, 'query'>): string[] {
  return Object.keys((query as z.ZodObject | undefined)?.shape ?? {}).filter((name) => !PLACES.has(name));
}
