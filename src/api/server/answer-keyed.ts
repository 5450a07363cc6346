import type { UsedKeyOutcome } from '../../idempotency/decide-replay.ts';
import type { KeyedResource, StoredResponse } from '../../idempotency/used-key.ts';
import { resourcePath } from '../describe/resource-paths.ts';
import { keyProblem } from '../problems/key-problem.ts';
import { PROBLEM_MEDIA_TYPE } from '../problems/problem.ts';
import type { ApiContext } from './api-context.ts';
import type { Answer } from './operation.ts';

interface Made {
  readonly resource: KeyedResource;
  readonly response: StoredResponse;
}

interface HowAnswered {
  /** Where what it is about is found; null where there is nothing that could be read. */
  readonly path: string | null;
  readonly isReplay?: boolean;
}

/** An answer as it is kept with a key, with the headers that belong to it. */
export function answerStored(response: StoredResponse, { path, isReplay = false }: HowAnswered): Answer {
  return {
    ...response,
    // A refusal is kept with its key, too.
    mediaType: response.status < 400 ? 'application/json' : PROBLEM_MEDIA_TYPE,
    headers: {
      ...(path === null ? {} : { Location: path }),
      ...(isReplay ? { 'Idempotency-Replayed': 'true' } : {}),
    },
  };
}

/** The answer to a request that was carried out, now or when its key was first used. */
export function answerMade(
  { resource, response }: Made,
  { path = resourcePath(resource), isReplay = false }: Partial<HowAnswered> = {},
): Answer {
  return {
    ...answerStored(response, { path, isReplay }),
    ...(resource.kind === 'payment' ? { paymentId: resource.id } : {}),
  };
}

/**
 * The answer to a request that was not carried out because of its key: the stored one, where it is the same request.
 * @param path where what it is about is found, for what its id alone does not lead to.
 * @throws Problem where the key leads to no answer.
 */
export function answerUsedKey(
  outcome: UsedKeyOutcome,
  {
    metrics,
    path,
  }: {
    readonly metrics: Pick<ApiContext['metrics'], 'replays' | 'conflicts'>;
    readonly path?: string | null;
  },
): Answer {
  if (outcome.kind === 'replayed') {
    metrics.replays.inc();
    return answerMade(outcome, { ...(path === undefined ? {} : { path }), isReplay: true });
  }
  if (outcome.kind === 'key_reused') metrics.conflicts.inc();
  throw keyProblem(outcome, typeof path === 'string' ? { orderHoldPath: path } : {});
}
