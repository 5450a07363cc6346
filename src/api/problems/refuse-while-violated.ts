import type { ApiContext } from '../server/api-context.ts';
import { Problem } from './problem.ts';

/**
 * The guard of every operation that moves money.
 * @returns a function that throws the problem `integrity-violated` while a violation is open. It does not query the database.
 */
export function refuseWhileViolated({ integrity }: Pick<ApiContext, 'integrity'>): () => void {
  return () => {
    if (integrity.openCount() > 0) throw new Problem('integrity-violated');
  };
}
