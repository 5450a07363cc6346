import type { ApiContext } from '../server/api-context.ts';
import { mayBeKeyed } from '../server/idempotency-key.ts';
import type { Operation } from '../server/operation.ts';
import { Problem } from './problem.ts';

type Guarded = Pick<Operation, 'movesMoney' | 'takesIdempotencyKey' | 'recall'>;

/**
 * The guard of every operation that moves money. A request with a key goes on although a violation is open: its answer may be one that is
 * stored, and commands refuse what is new themselves (`ExecutorOptions.isHalted`). Others are asked what they may have done before.
 * @returns a function that throws the problem `integrity-violated` while a violation is open, or whatever the operation recalls. Without one, it
 * does not query the database.
 */
export function refuseWhileViolated({ integrity }: Pick<ApiContext, 'integrity'>) {
  return async (operation: Guarded, input: Parameters<Operation['handle']>[0]): Promise<void> => {
    if (!operation.movesMoney || integrity.openCount() === 0) return;
    if (operation.takesIdempotencyKey && mayBeKeyed(input.request)) return;
    await operation.recall?.(input);
    throw new Problem('integrity-violated');
  };
}
