import type { z } from 'zod';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { mayHaveBeenWritten } from '../../database/transactions/may-have-been-written.ts';
import { Problem } from '../problems/problem.ts';
import type { Operation } from './operation.ts';

/** Parameters that choose a place in a list, and do not make it smaller. */
const PLACES: ReadonlySet<string> = new Set(['cursor']);

/**
 * What a database error means to the client of this operation, if it means more than that the database is unavailable: a list that took too
 * long, or a write that may have happened. Returns any other error unchanged.
 */
export function explainFailure(error: unknown, operation: Pick<Operation, 'method' | 'query'>): unknown {
  if (error instanceof Problem) return error;
  const { kind, isUnavailable } = classifyDatabaseError(error);
  if (operation.method !== 'get')
    return isUnavailable && mayHaveBeenWritten(error)
      ? new Problem('write-outcome-unknown', { cause: error })
      : error;
  const names = narrowingOf(operation);
  if (kind !== 'timeout' || names.length === 0) return error;
  return new Problem('list-too-slow', {
    detail: `The list took too long. Narrow it by ${names.join(', ')}, or try again later.`,
    cause: error,
  });
}

/** The parameters that make a list smaller. */
export function narrowingOf({ query }: Pick<Operation, 'query'>): string[] {
  return Object.keys((query as z.ZodObject | undefined)?.shape ?? {}).filter((name) => !PLACES.has(name));
}
